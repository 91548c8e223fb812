//! Reads the fields of a step from its form, by the domain's rows.

use crate::web::error::WebError;
use crate::web::form::Fields;
use signet_domain::extensions::{KeyUsageBit, Usage};
use signet_domain::fields::{Answer, Field};
use signet_domain::record::Asked;

/// Reads a field. Texts lose surrounding blanks; a choice is one of its values to the letter.
pub fn read(form: &mut Fields, field: &Field, asked: &mut Asked) -> Result<(), WebError> {
    match (field.answer)(asked) {
        Answer::Text(text) | Answer::Number(text) | Answer::Lines(text) => {
            *text = if (field.choices)().is_empty() { form.trimmed(field.name) } else { form.text(field.name) };
        }
        Answer::Switch(is_on) => *is_on = form.checkbox(field.name)?,
        Answer::Usages(usages) => {
            for usage in Usage::ALL {
                usages.extend(form.checkbox(usage.field())?.then_some(usage));
            }
        }
        Answer::Bits(bits) => {
            for bit in KeyUsageBit::ALL {
                bits.extend(form.checkbox(bit.field())?.then_some(bit));
            }
        }
    }
    Ok(())
}

/// Reads all fields of a step.
pub fn read_all(form: &mut Fields, fields: &[Field]) -> Result<Asked, WebError> {
    let mut asked = Asked::default();
    fields.iter().try_for_each(|field| read(form, field, &mut asked))?;
    Ok(asked)
}
