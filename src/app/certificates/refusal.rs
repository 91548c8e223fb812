//! Why nothing is kept of several certificates.

use crate::messages::certificates as say;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;

/// Each refusal with the name of its request, and those that fit.
pub(super) fn of_several(refused: Vec<(CsrName, Mistakes)>, fitting: &[&CsrName]) -> Mistakes {
    let alone = refused.len() == 1 && fitting.is_empty();
    let mut all = Mistakes::none();
    for (name, why) in refused {
        for one in why {
            all.add(if alone { one } else { Invalid { what: format!("{name}: {}", one.what), ..one } });
        }
    }
    for name in fitting {
        all.add(say::fits_but_not_kept(name));
    }
    all
}
