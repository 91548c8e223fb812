//! The steps of the wizard: their order, numbers and titles. Paths and pages are not known here.

/// One step. Which of them a draft walks depends on whether the CSR is made or imported ([`Step::order`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the steps are docs/reference.md's, by name")]
pub enum Step {
    NameAndType,
    Options,
    Subject,
    Constraints,
    Import,
    Confirm,
}

impl Step {
    /// The steps of a new request, or of an import, from the first to Confirm.
    pub fn order(import: bool) -> &'static [Self] {
        match import {
            false => &[Self::NameAndType, Self::Options, Self::Subject, Self::Constraints, Self::Confirm],
            true => &[Self::NameAndType, Self::Import, Self::Confirm],
        }
    }

    /// The step's number among those of its order, from 1; none where it is not one of them.
    pub fn number(self, import: bool) -> Option<usize> {
        Self::order(import).iter().position(|&step| step == self).map(|position| position + 1)
    }

    /// The step that follows; Confirm is the last.
    pub fn next(self, import: bool) -> Option<Self> {
        Self::order(import).get(self.number(import)?).copied()
    }

    /// The step before; NameAndType is the first.
    pub fn previous(self, import: bool) -> Option<Self> {
        Self::order(import).get(self.number(import)?.checked_sub(2)?).copied()
    }

    /// The page's heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::NameAndType => "Identifier and Type",
            Self::Options => "Certificate Options",
            Self::Subject => "Certificate Subject",
            Self::Constraints => "Extra Constraints",
            Self::Import => "Import request",
            Self::Confirm => "Confirm Options",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_the_steps_of_each_kind_and_leads_through_them() {
        for (import, steps) in [(false, 5), (true, 3)] {
            let order = Step::order(import);
            assert_eq!(order.len(), steps);
            for (number, &step) in (1..).zip(order) {
                assert_eq!(step.number(import), Some(number));
                assert_eq!(step.next(import), order.get(number).copied());
                assert_eq!(step.previous(import).and_then(|before| before.next(import)), (number > 1).then_some(step));
            }
        }
        assert_eq!(Step::Import.number(false), None);
        assert_eq!(Step::Options.number(true), None);
        assert_eq!((Step::Import.next(false), Step::Subject.previous(true)), (None, None));
    }
}
