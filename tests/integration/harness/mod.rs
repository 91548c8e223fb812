//! What the behaviours share: the console as a process, a browser, a walk through the wizard, and second opinions.

pub mod answering;
pub mod authority;
pub mod browser;
pub mod busybox;
pub mod console;
pub mod cookies;
pub mod deployed;
pub mod factory;
pub mod fault_proxy;
pub mod folder;
pub mod form;
pub mod made;
pub mod ml_dsa;
pub mod openbao;
pub mod openssl;
pub mod origin;
pub mod page;
pub mod proxied;
pub mod python;
pub mod reference;
pub mod secrets;
pub mod serving;
pub mod strace;
pub mod terminal;
pub mod unprivileged;
pub mod wizard;
