//! Commands that make the same request without the browser: `signet csr create`, and openssl.

use crate::Failure;
use crate::data_flag::{DataFlag, shell_word};
use crate::requests::content::Content;
use signet_domain::extensions::ReadCa;
use signet_domain::fields::{self, Answer};
use signet_domain::name::CsrName;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::policy::Policy;
use signet_domain::record::Asked;
use signet_domain::request::NewRequest;
use signet_domain::subject::SubjectAnswers;
use signet_domain::subject_part::Part;
use signet_domain::visible::is_command;
use signet_pki::ca::CaReader;
use signet_pki::openssl;

/// The request that a stored CSR was asked as; none for an import, whose answers were never here, and for one that an
/// older set of rules allowed.
pub fn asked_request(name: &CsrName, content: &Content, policy: &Policy) -> Option<NewRequest> {
    let asked = content.record.asked.as_ref()?;
    let name_and_type = NameAndTypeAnswers {
        name: name.to_string(),
        r#type: NameAndTypeAnswers::NEW.to_owned(),
        profile: String::new(),
    };
    // What was required or allowed when it was made may have changed since.
    let policy = Policy { required: Vec::new(), allow_weak: true, ..policy.clone() };
    let ca: &dyn ReadCa = &CaReader;
    NewRequest::parse(&name_and_type, &asked.options, &asked.subject, &asked.constraints, &policy, ca).ok()
}

/// openssl's configuration file and commands, as a text that says where each part goes.
pub fn openssl_text(request: &NewRequest) -> Result<String, Failure> {
    let config = openssl::config(request)?;
    let [key, csr] = openssl::commands(request);
    Ok(format!("# Save this as {}.cnf, then run:\n#   {key}\n#   {csr}\n{config}", request.name))
}

/// The `signet csr create` command with the same answers, for the data directory that `data` leads to; none for answers with
/// characters that a terminal would obey, which no rule allows: somebody wrote them into the record. What is empty in it and has a
/// default is said to be empty.
pub fn command(name: &str, asked: &Asked, data: &DataFlag, defaults: &SubjectAnswers) -> Option<String> {
    let mut words = vec![data.in_command("signet csr create")];
    let (mut switches, mut emptied) = (Vec::new(), Vec::new());
    let mut add = |flag: &str, value: &str| {
        if !value.is_empty() {
            // One word with its flag: a value that begins with a dash must not be taken for a flag.
            words.push(format!("--{flag}={}", shell_word(value)));
        }
    };
    add("name", name);
    let mut asked = asked.clone();
    for field in fields::every().filter(|field| !field.help.is_empty()) {
        let flag = field.key().replace('_', "-");
        match (field.applies(&asked), (field.answer)(&mut asked)) {
            (false, _) => {}
            (true, Answer::Switch(is_on)) => switches.extend(is_on.then(|| format!("--{flag}"))),
            (true, answer) => {
                let values = answer.values();
                let default = Part::parse(field.name).map_or("", |part| defaults.typed(part));
                if !default.is_empty() && values.iter().all(|value| value.is_empty()) {
                    emptied.push(format!("--{flag}="));
                }
                values.into_iter().for_each(|value| add(&flag, value));
            }
        }
    }
    words.append(&mut emptied);
    words.append(&mut switches);
    let command = words.join(" \\\n  ");
    let is_safe = |character| !is_command(character) || matches!(character, '\n' | '\r');
    command.chars().all(is_safe).then_some(command)
}
