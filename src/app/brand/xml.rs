//! A vendor's XML: read strictly, kept to what is allowed, and written again, so that what is served is what was checked.
//!
//! Document types, and with them entities, are refused; so are processing instructions and deep nesting. Comments are left out.

use roxmltree::{Document, Node, NodeType, ParsingOptions};

/// Elements, texts and comments of one document.
const NODES: u32 = 8192;
/// Elements within each other.
const DEPTH: usize = 32;

/// What may be in a document.
pub(super) trait Allowed {
    /// Whether there may be such an element; its namespace was checked.
    fn element(&self, name: &str) -> bool;
    /// Whether an element may have an attribute of this name with this value; an error is what is wrong with the value.
    fn attribute(&self, element: &str, name: &str, value: &str) -> Result<bool, String>;
    /// Whether an element is written without an end.
    fn is_void(&self, element: &str) -> bool;
    /// The namespace of all elements; none for those without.
    fn namespace(&self) -> Option<&'static str>;
}

/// The document of a text; an error is what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions { nodes_limit: NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => "has a document type (<!DOCTYPE>), which is not allowed: remove it".to_owned(),
        roxmltree::Error::NodesLimitReached => format!("has more than {NODES} elements and texts"),
        error => format!("is not well-formed: {error}"),
    })
}

/// A piece of what is still to be written.
enum Piece<'a, 'input> {
    Node(Node<'a, 'input>, usize),
    End(&'a str),
}

/// Writes what is below `root`, and `root` itself where it is wanted. An error is what is not allowed.
pub(super) fn written(root: Node<'_, '_>, with_root: bool, allowed: &impl Allowed) -> Result<String, String> {
    let mut out = String::new();
    // The top of the stack is next: no document is deep enough to exhaust the thread's own.
    let mut stack = Vec::new();
    if with_root {
        stack.push(Piece::Node(root, 0));
    } else {
        stack.extend(root.children().rev().map(|child| Piece::Node(child, 0)));
    }
    while let Some(piece) = stack.pop() {
        let (node, depth) = match piece {
            Piece::Node(node, depth) => (node, depth),
            Piece::End(name) => {
                out.extend(["</", name, ">"]);
                continue;
            }
        };
        match node.node_type() {
            NodeType::Text => escape(node.text().unwrap_or_default(), &mut out),
            NodeType::Comment | NodeType::Root => {}
            NodeType::PI => return Err("has a processing instruction (<?…?>), which is not allowed".to_owned()),
            NodeType::Element => {
                let name = node.tag_name().name();
                if depth == DEPTH {
                    return Err(format!("has more than {DEPTH} elements within each other"));
                }
                begin(node, node == root && with_root, allowed, &mut out)?;
                if allowed.is_void(name) {
                    if node.has_children() {
                        return Err(format!("has content in the element <{name}>, which has none"));
                    }
                    continue;
                }
                stack.push(Piece::End(name));
                stack.extend(node.children().rev().map(|child| Piece::Node(child, depth + 1)));
            }
        }
    }
    Ok(out)
}

/// The start tag.
fn begin(node: Node<'_, '_>, declares: bool, allowed: &impl Allowed, out: &mut String) -> Result<(), String> {
    let name = node.tag_name().name();
    if node.tag_name().namespace() != allowed.namespace() || !allowed.element(name) {
        return Err(format!("has an element <{}>, which is not allowed", shown(name)));
    }
    out.extend(["<", name]);
    if let Some(namespace) = allowed.namespace().filter(|_| declares) {
        out.extend([" xmlns=\"", namespace, "\""]);
    }
    for attribute in node.attributes() {
        let (key, value) = (attribute.name(), attribute.value());
        // Whether white space counts is drawn by no viewer of today; others' attributes are refused with their names.
        if attribute.namespace() == Some("http://www.w3.org/XML/1998/namespace") {
            continue;
        }
        if attribute.namespace().is_some() || !allowed.attribute(name, key, value)? {
            return Err(format!("has an attribute `{}` on <{name}>, which is not allowed", shown(key)));
        }
        out.extend([" ", key, "=\""]);
        escape(value, out);
        out.push('"');
    }
    out.push('>');
    Ok(())
}

/// Text, or an attribute's value, as XML and HTML both read it.
fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
    }
}

/// A name of others as a message shows it.
pub(super) fn shown(name: &str) -> String {
    signet_domain::visible::bounded(name, 60)
}
