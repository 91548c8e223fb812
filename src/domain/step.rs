//! The steps of the wizard: their order, numbers and titles. Paths and pages are not known here.

/// One step. Which of them a draft walks depends on what becomes a CSR ([`Step::order`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the steps are docs/reference.md's, by name")]
pub enum Step {
    NameAndType,
    Options,
    Subject,
    Constraints,
    Import,
    Certificate,
    Confirm,
}

/// What becomes a CSR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// A request that is made here.
    New,
    /// A request that was made elsewhere.
    Import,
    /// A certificate with its key.
    Certificate,
}

impl Walk {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::New, Self::Import, Self::Certificate];
}

impl Step {
    /// The steps of a way, from the first to Confirm.
    pub fn order(walk: Walk) -> &'static [Self] {
        match walk {
            Walk::New => &[Self::NameAndType, Self::Options, Self::Subject, Self::Constraints, Self::Confirm],
            Walk::Import => &[Self::NameAndType, Self::Import, Self::Confirm],
            Walk::Certificate => &[Self::NameAndType, Self::Certificate, Self::Confirm],
        }
    }

    /// The step's number among those of its order, from 1; none where it is not one of them.
    pub fn number(self, walk: Walk) -> Option<usize> {
        Self::order(walk).iter().position(|&step| step == self).map(|position| position + 1)
    }

    /// The step that follows; Confirm is the last.
    pub fn next(self, walk: Walk) -> Option<Self> {
        Self::order(walk).get(self.number(walk)?).copied()
    }

    /// The step before; NameAndType is the first.
    pub fn previous(self, walk: Walk) -> Option<Self> {
        Self::order(walk).get(self.number(walk)?.checked_sub(2)?).copied()
    }

    /// The page's heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::NameAndType => "Identifier and Type",
            Self::Options => "Certificate Options",
            Self::Subject => "Certificate Subject",
            Self::Constraints => "Extra Constraints",
            Self::Import => "Import request",
            Self::Certificate => "Certificate and key",
            Self::Confirm => "Confirm Options",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_the_steps_of_each_kind_and_leads_through_them() {
        for (walk, steps) in [(Walk::New, 5), (Walk::Import, 3), (Walk::Certificate, 3)] {
            let order = Step::order(walk);
            assert_eq!(order.len(), steps);
            for (number, &step) in (1..).zip(order) {
                assert_eq!(step.number(walk), Some(number));
                assert_eq!(step.next(walk), order.get(number).copied());
                assert_eq!(step.previous(walk).and_then(|before| before.next(walk)), (number > 1).then_some(step));
            }
        }
        assert_eq!(Step::Import.number(Walk::New), None);
        assert_eq!(Step::Options.number(Walk::Import), None);
        assert_eq!((Step::Import.next(Walk::Certificate), Step::Subject.previous(Walk::Import)), (None, None));
    }
}
