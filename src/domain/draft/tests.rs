use super::*;
use crate::extensions::{CaCertificate, IssuerSerial, KeyUsageBit, ReadCa};
use crate::invalid::Mistakes;
use crate::step::Step;
use std::cell::Cell;

struct NoCa;

impl ReadCa for NoCa {
    fn read_ca(&self, _: &str) -> Result<CaCertificate, String> {
        Err("No certificate is read here.".into())
    }
}

fn draft() -> Draft {
    Draft::new(DraftId::from_bytes([7; 16]))
}

fn name_and_type(kind: &str, profile: &str) -> NameAndTypeAnswers {
    NameAndTypeAnswers { name: "nas".into(), r#type: kind.into(), profile: profile.into() }
}

fn options(key_type: &str) -> OptionsAnswers {
    OptionsAnswers { key_type: key_type.into(), ..OptionsAnswers::preset(None, limit()) }
}

fn subject() -> SubjectAnswers {
    SubjectAnswers { san: "nas.local".into(), ..SubjectAnswers::default() }
}

fn limit() -> Lifetime {
    Lifetime::parse("200").unwrap()
}

fn policy() -> Policy {
    Policy { required: Vec::new(), ..Policy::default() }
}

fn missing(draft: &Draft) -> Step {
    missing_by(draft, &policy())
}

fn missing_by(draft: &Draft, policy: &Policy) -> Step {
    CheckedDraft::new(draft.clone(), Rules { policy, ca: &NoCa }).first_missing(false)
}

fn finish(draft: &Draft) -> Result<FinishedDraft, Unfinished> {
    draft.clone().finish(Rules { policy: &policy(), ca: &NoCa })
}

/// A new request with every step filled in from that profile.
fn complete(profile: &str) -> Draft {
    let mut draft = draft();
    draft.set_name_and_type(name_and_type("csr", profile));
    draft.set_options(draft.options_or_preset(limit()));
    draft.set_subject(subject());
    draft.set_constraints(draft.constraints_or_preset());
    draft
}

#[test]
fn takes_ids_of_32_hex_digits_from_forms_and_from_json() {
    let id = DraftId::from_bytes([0x0a; 16]);
    assert_eq!(id.as_str(), "0a".repeat(16));
    assert_eq!(DraftId::parse(id.as_str()), Ok(id.clone()));
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<DraftId>(&json).unwrap(), id);
    for text in ["", "0a", &"0A".repeat(16), &"0g".repeat(16), &"\u{e4}".repeat(16), &"0a".repeat(17)] {
        assert_eq!(DraftId::parse(text), Err(NoDraftId));
        assert!(serde_json::from_str::<DraftId>(&format!("\"{text}\"")).is_err());
    }
}

#[test]
fn leads_through_the_steps_of_a_new_request() {
    let mut draft = draft();
    assert_eq!(missing(&draft), Step::NameAndType);
    draft.set_name_and_type(name_and_type("csr", ""));
    assert_eq!(missing(&draft), Step::Options);
    draft.set_options(options("RSA"));
    assert_eq!(missing(&draft), Step::Subject);
    draft.set_subject(subject());
    assert_eq!(missing(&draft), Step::Constraints);
    draft.set_constraints(ConstraintsAnswers::default());
    assert_eq!(missing(&draft), Step::Confirm);
    let finished = finish(&draft).unwrap();
    assert_eq!((finished.request.name.as_str(), Some(finished.asked)), ("nas", draft.asked()));
}

#[test]
fn counts_a_step_that_does_not_parse_as_missing() {
    let mut draft = complete("");
    draft.set_subject(SubjectAnswers { san: "nas:80".into(), ..SubjectAnswers::default() });
    assert_eq!(missing(&draft), Step::Subject);
    let unfinished = finish(&draft).unwrap_err();
    assert_eq!((unfinished.step, unfinished.mistakes.has("san")), (Step::Subject, true));
    draft.set_options(options("DSA"));
    assert_eq!(missing(&draft), Step::Options);
    let weak = OptionsAnswers { digest_algorithm: "SHA1".into(), ..options("RSA") };
    draft.set_options(weak);
    draft.set_subject(subject());
    assert_eq!(missing(&draft), Step::Confirm);
    let strict = Policy { allow_weak: false, ..policy() };
    assert_eq!(missing_by(&draft, &strict), Step::Options);
}

#[test]
fn leads_an_import_by_what_is_held() {
    let mut draft = draft();
    draft.set_name_and_type(name_and_type("import", "https-rsa"));
    let policy = policy();
    let checked = CheckedDraft::new(draft.clone(), Rules { policy: &policy, ca: &NoCa });
    assert_eq!((checked.first_missing(false), checked.first_missing(true)), (Step::Import, Step::Confirm));
    assert_eq!(draft.asked(), None);
}

#[test]
fn opens_no_step_behind_one_that_is_missing_and_none_of_the_other_kind() {
    let mut new = draft();
    new.set_name_and_type(name_and_type("csr", ""));
    let mut import = draft();
    import.set_name_and_type(name_and_type("import", ""));
    for (draft, has_import, step, expected) in [
        (&draft(), false, Step::NameAndType, Ok(())),
        (&draft(), false, Step::Confirm, Err(Step::NameAndType)),
        (&draft(), true, Step::Import, Err(Step::NameAndType)),
        (&new, false, Step::NameAndType, Ok(())),
        (&new, false, Step::Options, Ok(())),
        (&new, false, Step::Subject, Err(Step::Options)),
        (&new, true, Step::Import, Err(Step::Options)),
        (&complete(""), false, Step::Options, Ok(())),
        (&complete(""), false, Step::Confirm, Ok(())),
        (&complete(""), true, Step::Import, Err(Step::Confirm)),
        (&import, false, Step::Import, Ok(())),
        (&import, false, Step::Options, Err(Step::Import)),
        (&import, false, Step::Confirm, Err(Step::Import)),
        (&import, true, Step::Import, Ok(())),
        (&import, true, Step::Constraints, Err(Step::Confirm)),
    ] {
        let policy = policy();
        let checked = CheckedDraft::new(draft.clone(), Rules { policy: &policy, ca: &NoCa });
        assert_eq!(checked.may_open(step, has_import), expected, "{step:?}");
    }
}

#[test]
fn shows_the_preset_of_the_profile_until_something_is_typed() {
    let mut draft = draft();
    assert_eq!(draft.set_name_and_type(name_and_type("csr", "https-ecc")), PresetChange::Preset(Profile::HttpsEcc));
    assert_eq!(draft.options_or_preset(limit()), OptionsAnswers::preset(Some(Profile::HttpsEcc), limit()));
    assert_eq!(draft.constraints_or_preset().ku, [KeyUsageBit::DigitalSignature]);
    draft.set_options(options("RSA"));
    assert_eq!(draft.constraints_or_preset().ku, [KeyUsageBit::DigitalSignature, KeyUsageBit::KeyEncipherment]);
    assert_eq!(draft.set_name_and_type(name_and_type("csr", "https-ecc")), PresetChange::Kept);
    assert_eq!(draft.options_or_preset(limit()), options("RSA"));
}

#[test]
fn knows_answers_that_are_what_the_profile_presets() {
    let is_preset = |draft: &Draft| {
        let (options, constraints) = (draft.options_or_preset(limit()), draft.constraints_or_preset());
        (draft.preset_of_options(&options, limit()), draft.preset_of_constraints(&constraints))
    };
    for profile in Profile::ALL {
        let mut draft = complete(profile.value());
        assert_eq!(is_preset(&draft), (Some(profile), Some(profile)));
        let mut other = draft.options.clone().unwrap();
        other.key_type = if profile == Profile::HttpsRsa { "EC".into() } else { "RSA".into() };
        draft.set_options(other);
        assert_eq!(is_preset(&draft), (None, Some(profile)), "step 4 follows the key type");
        let mut constraints = draft.constraints.clone().unwrap();
        constraints.eku_critical = true;
        draft.set_constraints(constraints);
        assert_eq!(is_preset(&draft), (None, None));
    }
    assert_eq!(is_preset(&complete("")), (None, None), "no profile sets nothing");
}

#[test]
fn presets_steps_2_and_4_anew_for_another_profile_and_says_so() {
    for (before, after) in [("https-rsa", Profile::HttpsEcc), ("https-ecc", Profile::HttpsRsa), ("", Profile::HttpsRsa)]
    {
        let mut draft = complete(before);
        assert_eq!(draft.set_name_and_type(name_and_type("csr", after.value())), PresetChange::Replaced(after));
        assert_eq!(missing(&draft), Step::Options);
        assert_eq!(draft.options_or_preset(limit()), OptionsAnswers::preset(Some(after), limit()));
        assert_eq!(draft.constraints_or_preset(), ConstraintsAnswers::preset(Some(after), None));
        assert!(draft.subject.is_some());
    }
}

#[test]
fn keeps_the_answers_without_a_profile_and_over_an_import() {
    for answers in [name_and_type("csr", ""), name_and_type("import", "https-ecc"), name_and_type("csr", "https-rsa")] {
        let mut draft = complete("https-rsa");
        let before = draft.clone();
        assert_eq!(draft.set_name_and_type(answers), PresetChange::Kept);
        assert_eq!((&draft.options, &draft.constraints), (&before.options, &before.constraints));
        assert_eq!(draft.set_name_and_type(name_and_type("csr", "https-rsa")), PresetChange::Kept);
        assert_eq!(draft, before);
    }
}

#[test]
fn presets_anew_what_was_begun_without_a_profile() {
    let mut draft = draft();
    draft.set_name_and_type(name_and_type("csr", "https-rsa"));
    draft.set_name_and_type(name_and_type("csr", ""));
    draft.set_options(options("EC"));
    let chosen = draft.set_name_and_type(name_and_type("csr", "https-rsa"));
    assert_eq!(chosen, PresetChange::Replaced(Profile::HttpsRsa));
    assert_eq!(draft.options_or_preset(limit()).key_type, "RSA");
}

#[test]
fn another_key_type_has_step_4_judged_again() {
    let mut draft = complete("https-rsa");
    let mut edited = draft.constraints.clone().unwrap();
    edited.eku_critical = true;
    draft.set_constraints(edited);
    assert_eq!(missing(&draft), Step::Confirm);
    let policy = policy();
    let mut checked = CheckedDraft::new(draft, Rules { policy: &policy, ca: &NoCa });
    let answers = options("ML-DSA");
    let parsed = checked.parse_options(&answers);
    checked.set_options(answers, parsed);
    assert_eq!(checked.first_missing(false), Step::Constraints, "an ML-DSA key has no Key Encipherment");
    let fields: Vec<_> = checked.finish().unwrap_err().mistakes.iter().map(|invalid| invalid.field).collect();
    assert_eq!(fields, ["ku_key_encipherment"]);
    assert_eq!(missing(checked.typed()), Step::Constraints, "and as it comes from its cookie");
    let answers = options("RSA");
    let parsed = checked.parse_options(&answers);
    checked.set_options(answers, parsed);
    assert_eq!(checked.first_missing(false), Step::Confirm);
}

#[test]
fn moves_a_preset_that_nobody_edited_with_the_key_type() {
    let mut draft = complete("https-rsa");
    assert!(draft.set_options(options("EC")));
    assert_eq!(draft.constraints_or_preset().ku, [KeyUsageBit::DigitalSignature]);
    assert!(!draft.set_options(options("EC")));
    assert!(draft.set_options(options("RSA")));
    assert_eq!(draft.constraints_or_preset().ku, [KeyUsageBit::DigitalSignature, KeyUsageBit::KeyEncipherment]);
}

#[test]
fn leaves_a_preset_that_somebody_edited() {
    let mut draft = complete("https-rsa");
    let edited = ConstraintsAnswers { bc_critical: false, ..draft.constraints_or_preset() };
    draft.set_constraints(edited.clone());
    assert!(!draft.set_options(options("EC")));
    assert_eq!(draft.constraints_or_preset(), edited);
    let mut without_profile = complete("");
    assert!(!without_profile.set_options(options("EC")));
    assert_eq!(without_profile.constraints_or_preset(), ConstraintsAnswers::default());
}

#[test]
fn clones_a_request_whose_name_alone_is_missing() {
    let asked = complete("https-ecc").asked().unwrap();
    let mut clone = Draft::from_asked(DraftId::from_bytes([8; 16]), &asked);
    assert!(clone.cloned);
    assert_eq!(missing(&clone), Step::NameAndType);
    assert_eq!(clone.set_name_and_type(name_and_type("csr", "https-ecc")), PresetChange::Kept);
    assert_eq!(missing(&clone), Step::Confirm);
    assert_eq!(clone.asked().unwrap(), asked);
}

#[test]
fn comes_back_from_json_as_it_was() {
    for draft in [draft(), complete("https-rsa"), complete("")] {
        let json = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<Draft>(&json).unwrap(), draft);
    }
    assert!(serde_json::from_str::<Draft>(r#"{"id":"nonsense"}"#).is_err());
    let json = serde_json::to_value(complete("https-rsa")).unwrap();
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["applied_profile", "constraints", "id", "identity", "options", "subject"], "as browsers hold it");
}

#[test]
fn a_key_that_is_taken_over_outlives_another_profile() {
    let asked = complete("https-ecc").asked().unwrap();
    let supersedes = Supersedes { id: "0".repeat(32), name: "nas".into(), same_key: true, same_subject: false };
    let mut renewal = Draft::from_asked(DraftId::from_bytes([8; 16]), &asked);
    renewal.supersedes = Some(supersedes);
    assert!(renewal.keeps_key());
    assert_eq!(renewal.set_name_and_type(name_and_type("csr", "https-rsa")), PresetChange::Replaced(Profile::HttpsRsa));
    assert_eq!(renewal.options, Some(asked.options));
    assert_eq!(missing(&renewal), Step::Constraints);
    assert_eq!(renewal.constraints_or_preset().ku, [KeyUsageBit::DigitalSignature], "as the key's type has it");
    let json = serde_json::to_string(&renewal).unwrap();
    assert_eq!(serde_json::from_str::<Draft>(&json).unwrap(), renewal);
}

#[test]
fn what_is_required_now_is_not_required_of_a_subject_that_is_taken_over() {
    let mut renewal = Draft::from_asked(DraftId::from_bytes([8; 16]), &complete("https-ecc").asked().unwrap());
    renewal.set_name_and_type(name_and_type("csr", "https-ecc"));
    let missing = |draft: &Draft| missing_by(draft, &Policy::default());
    assert_eq!(missing(&renewal), Step::Subject);
    let supersedes = Supersedes { id: "0".repeat(32), name: "nas".into(), same_key: false, same_subject: true };
    renewal.supersedes = Some(supersedes);
    assert_eq!(missing(&renewal), Step::Confirm);
    renewal.set_subject(subject());
    assert_eq!(missing(&renewal), Step::Confirm, "typed again as it was");
    renewal.set_subject(SubjectAnswers { san: "box.local".into(), ..subject() });
    assert_eq!(missing(&renewal), Step::Subject, "what is edited follows the rules of now");
    renewal.set_subject(subject());
    assert_eq!(missing(&renewal), Step::Subject);
}

/// Reads one certificate for all, and counts how often it is asked.
#[derive(Default)]
struct CountingCa(Cell<u32>);

impl ReadCa for CountingCa {
    fn read_ca(&self, _: &str) -> Result<CaCertificate, String> {
        self.0.set(self.0.get() + 1);
        let issued = IssuerSerial { issuer: Vec::new(), serial: vec![1] };
        Ok(CaCertificate { key_id: vec![1; 20], issued })
    }
}

#[test]
fn parses_each_step_once_from_the_first_page_to_the_request() {
    let issuer = "-----BEGIN CERTIFICATE-----";
    let answers = ConstraintsAnswers { aki_enabled: true, aki_issuer: issuer.into(), ..ConstraintsAnswers::default() };
    let (policy, ca) = (policy(), CountingCa::default());
    let mut typed = complete("");
    typed.set_constraints(answers.clone());
    let mut draft = CheckedDraft::new(typed, Rules { policy: &policy, ca: &ca });
    assert_eq!(draft.may_open(Step::Confirm, false), Ok(()));
    assert_eq!(draft.first_missing(false), Step::Confirm);
    let request = draft.finish().unwrap().request;
    assert!(request.extensions.authority_key_identifier.is_some());
    assert_eq!(ca.0.get(), 1, "read with the draft");
    let parsed = draft.parse_constraints(&answers);
    draft.set_constraints(answers, parsed);
    assert_eq!((draft.first_missing(false), draft.finish().is_ok()), (Step::Confirm, true));
    assert_eq!(ca.0.get(), 2, "and once more for the answers that are new");
}

#[test]
fn values_follow_the_answers_that_a_step_changes_elsewhere() {
    let policy = policy();
    let mut draft = CheckedDraft::new(complete("https-rsa"), Rules { policy: &policy, ca: &NoCa });
    let answers = options("EC");
    let parsed = draft.parse_options(&answers);
    draft.set_options(answers, parsed);
    let request = draft.finish().unwrap().request;
    assert_eq!(
        request.extensions.key_usage.unwrap().bits,
        [KeyUsageBit::DigitalSignature],
        "the preset moved with the key"
    );
    let answers = name_and_type("csr", "https-ecc");
    let parsed = answers.parse();
    assert_eq!(draft.set_name_and_type(answers, parsed), PresetChange::Replaced(Profile::HttpsEcc));
    assert_eq!(draft.first_missing(false), Step::Options);
    assert_eq!(draft.finish().unwrap_err(), Unfinished { step: Step::Options, mistakes: Mistakes::none() });
    assert!(draft.options().is_none());
}

#[test]
fn a_predecessor_that_is_gone_takes_its_exemption_along() {
    let mut renewal = Draft::from_asked(DraftId::from_bytes([8; 16]), &complete("https-ecc").asked().unwrap());
    renewal.set_name_and_type(name_and_type("csr", "https-ecc"));
    renewal.supersedes =
        Some(Supersedes { id: "0".repeat(32), name: "nas".into(), same_key: true, same_subject: true });
    let strict = Policy::default();
    let mut draft = CheckedDraft::new(renewal, Rules { policy: &strict, ca: &NoCa });
    assert_eq!((draft.first_missing(false), draft.typed().keeps_key()), (Step::Confirm, true));
    draft.forget_predecessor();
    assert_eq!((draft.first_missing(false), draft.typed().keeps_key()), (Step::Subject, false));
}
