//! The button of a refusal that knows the right value: it puts the value into its field and shows the form again,
//! unsaved. Which values are right, the domain says; a button only names one of them.

use super::form::Fields;
use signet_domain::invalid::Mistakes;

/// The form was sent by such a button.
#[derive(Debug)]
pub struct Pressed {
    field: String,
    right: String,
}

impl Pressed {
    /// The button's `FIELD:VALUE`; none where the form was sent by another one.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let text = fields.text("correct");
        let (field, right) = text.split_once(':')?;
        Some(Self { field: field.to_owned(), right: right.to_owned() })
    }

    /// The field.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Puts the value into the field's text, where the text is still one that is refused and offered it.
    pub fn correct(&self, text: &mut String, refused: &Mistakes) {
        if let Some(correction) = refused.correction(&self.field, &self.right) {
            *text = correction.apply(text);
        }
    }
}
