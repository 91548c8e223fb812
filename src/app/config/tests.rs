//! The file is read whole or refused at its line.

use super::*;
use signet_domain::subject_part::Part;

#[test]
fn an_empty_file_is_the_defaults() {
    let config = Config::parse("").unwrap();
    assert_eq!(
        (config.idle_minutes, config.total_hours, config.max_csrs, config.max_disk_mib, config.memory_mib),
        (15, 12, 20_000, 64, 48)
    );
    assert!(config.unknown.is_empty() && config.proxy.is_none());
    assert!(Config::parse("[proxy]\n").unwrap().proxy.is_none());
}

#[test]
fn every_key_is_read() {
    let text = "services = \"/srv/deploy.toml\"\nlisten = [\"[::1]:0\", \"unix:/run/s\", \"http://127.0.0.1:0\"]\nredirect = [\"127.0.0.1:80\"]\nhostnames = [\"nas.example\"]\n[proxy]\ntrusted = [\"unix\", \"127.0.0.1\"]\naddress_header = \"Forwarded\"\nbase_path = \"/certificates\"\npublic_url = \"https://nas.example/certificates\"\n[network]\nproxy = \"http://proxy:3128/\"\n[session]\nidle_minutes = 5\ntotal_hours = 2\ntrial_seconds = 60\n[subject]\nrequired = [\"san\"]\n[keys]\nexportable = false\nallow_weak = false\n[limits]\ncsrs = 10\ndisk_mib = 2\nmemory_mib = 100\n";
    let config = Config::parse(text).unwrap();
    assert_eq!(config.listen.len() + config.redirect.len() + config.hostnames.len(), 5);
    assert_eq!(config.outgoing_proxy.as_deref(), Some("http://proxy:3128"));
    let proxy = config.proxy.unwrap();
    assert_eq!((proxy.unix, proxy.networks.len(), proxy.header), (true, 1, AddressHeader::Forwarded));
    assert_eq!((&*proxy.base_path, &*proxy.public.unwrap().origin), ("/certificates", "https://nas.example"));
    assert_eq!((config.idle_minutes, config.total_hours, config.max_csrs, config.max_disk_mib), (5, 2, 10, 2));
    assert_eq!(config.services, Path::new("/srv/deploy.toml"));
    assert_eq!((config.trial_seconds, config.memory_mib), (60, 100));
    assert_eq!(config.policy.required, [Part::San]);
    assert!(!config.policy.exportable && !config.policy.allow_weak);
}

#[test]
fn a_wrong_value_is_named_by_its_line() {
    assert_eq!(Config::parse("\n[session]\nidle_minutes = 0\n").unwrap_err().0, 3);
    assert_eq!(
        Config::parse("[limits]\nmemory_mib = 39\n").unwrap_err(),
        (2, "`memory_mib` must be from 40 to 4096".to_owned())
    );
    assert_eq!(Config::parse("listen = 3\n").unwrap_err().0, 1);
    for (text, line) in [
        ("listen = [\"[::]:443\",\n\"http://192.0.2.7:80\"]\n", 2),
        ("\nlisten = [\"unix:/run/s\"]\n[proxy]\ntrusted = [\"127.0.0.1\"]\n", 2),
        ("listen = [\n\"http://127.0.0.1:80\"]\n", 2),
        ("[proxy]\ntrusted = [\"unix\",\n\"all\"]\n", 3),
        ("[proxy]\nbase_path = \"/certificates\"\n", 2),
        ("[proxy]\ntrusted = [\"unix\"]\naddress_header = \"X-Real-IP\"\n", 3),
    ] {
        assert_eq!(Config::parse(text).unwrap_err().0, line, "{text}");
    }
    assert_eq!(Config::parse("hostnames = [\"nas\",\n\"nas:8443\"]\n").unwrap_err().0, 2);
    assert_eq!(Config::parse("[subject]\nrequired = [\n\"stat\"]\n").unwrap_err().0, 3);
}
