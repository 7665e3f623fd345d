//! The instructions that name classes and functions, and that call them in Python.

use super::arena::{Made, Node, NodeId};
use super::known::Known;
use super::opcode as op;
use super::parser::Machine;
use crate::error::{Error, Result};

impl<'de> Machine<'de> {
    /// Names, calls, and what the calls made.
    pub(super) fn object(&mut self, op: u8) -> Result<()> {
        let node = match op {
            op::GLOBAL => self.global_in_text()?,
            op::STACK_GLOBAL => {
                let name = self.pop()?;
                let module = self.pop()?;
                self.global(module, name)?
            }
            op::REDUCE => {
                let args = self.pop_args()?;
                let callable = self.pop()?;
                self.call(callable, args)?
            }
            op::BUILD => {
                let state = self.pop()?;
                return self.builder.set_state(self.top()?, state);
            }
            op::INST => {
                let callable = self.global_in_text()?;
                let len = self.pop_mark()?;
                self.instance(callable, len)?
            }
            op::OBJ => {
                let len = self.pop_mark()?;
                if len == 0 {
                    return Err(Error::pickle("OBJ has no class"));
                }
                let callable = self.stack[self.stack.len() - len];
                let object = self.instance(callable, len - 1)?;
                self.stack.pop();
                object
            }
            op::NEWOBJ => {
                let args = self.pop_args()?;
                let callable = self.pop()?;
                self.builder.object(Made::New, callable, args, None)?
            }
            op::NEWOBJ_EX => {
                let kwargs = self.pop()?;
                if !matches!(self.builder.arena.node(kwargs), Node::Dict(_)) {
                    return Err(Error::pickle("the keyword arguments of an object are no dict"));
                }
                let args = self.pop_args()?;
                let callable = self.pop()?;
                self.builder.object(Made::New, callable, args, Some(kwargs))?
            }
            op::PERSID => {
                let line = self.input.line()?;
                let id = std::str::from_utf8(line).ok().filter(|id| id.is_ascii());
                let id = id.ok_or_else(|| Error::pickle("a persistent id is not ASCII"))?;
                let id = self.builder.node(Node::Str(id))?;
                self.builder.persistent(id)?
            }
            op::BINPERSID => {
                let id = self.pop()?;
                self.builder.persistent(id)?
            }
            _ => {
                let code = match op {
                    op::EXT1 => u32::from(self.input.byte()?),
                    op::EXT2 => u32::from(u16::from_le_bytes(self.input.array()?)),
                    // Negative ones are refused below.
                    _ => u32::from_le_bytes(self.input.array()?),
                };
                if code == 0 || i32::try_from(code).is_err() {
                    return Err(Error::pickle("an extension code is not positive"));
                }
                self.builder.node(Node::Extension(code))?
            }
        };
        self.stack.push(node);
        Ok(())
    }

    /// A tuple, which must be the arguments of a call.
    fn pop_args(&mut self) -> Result<NodeId> {
        let args = self.pop()?;
        match self.builder.arena.node(args) {
            Node::Tuple(_) => Ok(args),
            _ => Err(Error::pickle("the arguments of a call are no tuple")),
        }
    }

    /// GLOBAL and INST name a class or function in two lines.
    fn global_in_text(&mut self) -> Result<NodeId> {
        let mut line = || {
            let line = std::str::from_utf8(self.input.line()?).map_err(|_| Error::pickle("a name is not UTF-8"))?;
            self.builder.node(Node::Str(line))
        };
        let (module, name) = (line()?, line()?);
        self.global(module, name)
    }

    fn global(&mut self, module: NodeId, name: NodeId) -> Result<NodeId> {
        let arena = &self.builder.arena;
        let (Node::Str(module_text), Node::Str(name_text)) = (arena.node(module), arena.node(name)) else {
            return Err(Error::pickle("the name of a class or function is no str"));
        };
        self.builder.node(Node::Global { module, name, known: Known::new(module_text, name_text) })
    }

    fn call(&mut self, callable: NodeId, args: NodeId) -> Result<NodeId> {
        match self.encode(callable, args)? {
            Some(node) => self.builder.node(node),
            None => self.builder.object(Made::Reduce, callable, args, None),
        }
    }

    /// Takes the last `len` nodes as the arguments of INST or OBJ. Without any, Python does not call the class, whose
    /// `__init__` may want some.
    fn instance(&mut self, callable: NodeId, len: usize) -> Result<NodeId> {
        let start = self.last(len)?;
        let args = self.builder.tuple(&self.stack[start..])?;
        self.stack.truncate(start);
        if len == 0 { self.builder.object(Made::New, callable, args, None) } else { self.call(callable, args) }
    }

    /// Protocols 0 to 2 have no bytes. `_codecs.encode(text, 'latin1')` and `bytearray(text, 'latin-1')` stand for
    /// them, and become bytes here, where there is a place for these. Text that comes up again is not encoded again.
    fn encode(&mut self, callable: NodeId, args: NodeId) -> Result<Option<Node<'de>>> {
        let arena = &self.builder.arena;
        let Node::Global { known: known @ (Known::Encode | Known::ByteArray), .. } = arena.node(callable) else {
            return Ok(None);
        };
        let Node::Tuple(args) = arena.node(args) else { return Ok(None) };
        let &[text_id, encoding] = arena.tuple(args) else { return Ok(None) };
        let (Node::Str(text), Node::Str("latin1" | "latin-1")) = (arena.node(text_id), arena.node(encoding)) else {
            return Ok(None);
        };
        let bytes = match self.latin1.get(&text_id) {
            Some(bytes) => bytes,
            None if text.is_ascii() => text.as_bytes(),
            None => {
                let encoded: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect();
                self.keep(&encoded.ok_or_else(|| Error::pickle("text is not Latin-1"))?)?
            }
        };
        self.latin1.insert(text_id, bytes);
        Ok(Some(if known == Known::Encode { Node::Bytes(bytes) } else { Node::ByteArray(bytes) }))
    }
}
