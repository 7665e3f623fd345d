//! What the nodes of an arena stand for.

use super::arena::{Arena, Items, Made, Node, NodeId, Object};
use super::array::{Array, ArrayData, MaskedArray, ObjectArray};
use super::instance::Instance;
use super::known::Known;
use super::numpy::Numpy;
use super::standard::Standard;
use crate::dtype::DType;
use crate::error::Result;

/// What a node stands for, whichever way it was written.
#[derive(Clone, Debug)]
pub(crate) enum Meaning<'a, 'de> {
    None,
    Bool(bool),
    Int(i64),
    /// As in [`Node::BigInt`].
    BigInt(&'de [u8]),
    Float(f64),
    Complex(f64, f64),
    Str(&'de str),
    /// As in [`Node::Surrogates`].
    Surrogates(&'de [u8]),
    /// bytes or a bytearray.
    Bytes(&'de [u8]),
    /// Bytes in an out-of-band buffer, by its index in the file.
    Buffer(u32),
    List(Items),
    Tuple(Items),
    Set(Items),
    /// Keys and values in turn, in the order in which they were set; a key that was set twice is there twice.
    Dict(Items),
    Array(Array<'de>),
    ObjectArray(ObjectArray<'de>),
    Masked(MaskedArray<'de>),
    /// What no Rust type could hold, in words that follow "found".
    Refused(&'static str),
    /// A numpy scalar; the bytes are as many as the dtype says.
    Scalar(DType, &'de [u8]),
    /// A value of the standard library, and the object that it is.
    Standard(Standard<'de>, Instance<'a, 'de>),
    Instance(Instance<'a, 'de>),
    Global {
        module: &'de str,
        name: &'de str,
    },
    Persistent,
    Extension(u32),
}

impl<'de> Arena<'de> {
    /// What a node stands for. An error is an array whose parts contradict each other.
    pub(crate) fn meaning(&self, id: NodeId) -> Result<Meaning<'_, 'de>> {
        Ok(match self.node(id) {
            Node::None => Meaning::None,
            Node::Bool(value) => Meaning::Bool(value),
            Node::Int(value) => Meaning::Int(value),
            Node::BigInt(bytes) => Meaning::BigInt(bytes),
            Node::Float(value) => Meaning::Float(value),
            Node::Str(text) => Meaning::Str(text),
            Node::Surrogates(bytes) => Meaning::Surrogates(bytes),
            Node::Bytes(bytes) | Node::ByteArray(bytes) => Meaning::Bytes(bytes),
            Node::Buffer(index) => Meaning::Buffer(index),
            Node::Numbers(bytes, dtype) => Meaning::Array(self.numbers(bytes, dtype)),
            Node::List(items) => Meaning::List(items),
            Node::Tuple(items) => Meaning::Tuple(items),
            Node::Set(items) | Node::FrozenSet(items) => Meaning::Set(items),
            Node::Dict(items) => Meaning::Dict(items),
            Node::Persistent { .. } => Meaning::Persistent,
            Node::Extension(code) => Meaning::Extension(code),
            Node::Global { .. } => {
                let (module, name) = self.global_name(id).unwrap_or_default();
                Meaning::Global { module, name }
            }
            Node::Object(index) => return self.object_meaning(self.object(index)),
        })
    }

    /// Module and name of a global.
    pub(crate) fn global_name(&self, id: NodeId) -> Option<(&'de str, &'de str)> {
        let Node::Global { module, name, .. } = self.node(id) else { return None };
        let (Node::Str(module), Node::Str(name)) = (self.node(module), self.node(name)) else { return None };
        Some((module, name))
    }

    /// The name of a global of Python's builtins.
    pub(crate) fn builtin_name(&self, id: NodeId) -> Option<&'de str> {
        let (module, name) = self.global_name(id)?;
        matches!(module, "builtins" | "__builtin__").then_some(name)
    }

    fn object_meaning<'a>(&'a self, object: &'a Object) -> Result<Meaning<'a, 'de>> {
        let known = self.known(object.callable);
        Ok(match self.numpy(object, known)? {
            Some(Numpy::Array(array)) => Meaning::Array(array),
            Some(Numpy::ObjectArray(array)) => Meaning::ObjectArray(array),
            Some(Numpy::Masked(array)) => Meaning::Masked(array),
            Some(Numpy::Refused(what)) => Meaning::Refused(what),
            Some(Numpy::Scalar(dtype, data)) => Meaning::Scalar(dtype, data),
            None => match self.builtin(object, known) {
                Some(builtin) => builtin,
                None => self.standard(object)?.unwrap_or(Meaning::Instance(Instance::new(self, object))),
            },
        })
    }

    /// The builtin types and the containers of `collections`, as far as they can be told without rewriting them: their
    /// content is one of the arguments, or what was added later, but not both.
    fn builtin<'a>(&self, object: &Object, known: Known) -> Option<Meaning<'a, 'de>> {
        if object.made != Made::Reduce || object.state.is_some() {
            return None;
        }
        let args = self.args(object);
        let content = match args {
            [content] => Some(self.content(*content)),
            _ => None,
        };
        let (items, entries) = (object.items, object.entries);
        let plain = items.is_empty() && entries.is_empty();
        Some(match (known, content) {
            (Known::Bytes | Known::ByteArray, _) if plain => match self.copied_bytes(object)? {
                ArrayData::Bytes(bytes) => Meaning::Bytes(bytes),
                ArrayData::Buffer(index) => Meaning::Buffer(index),
            },
            // `numpy.ma.masked`: no value.
            (Known::MaskedConstant, _) if plain && args.is_empty() => Meaning::None,
            (Known::Complex, _) if plain => match *args {
                [re, im] => Meaning::Complex(self.real(re)?, self.real(im)?),
                [re] => Meaning::Complex(self.real(re)?, 0.0),
                _ => return None,
            },
            (Known::Tuple, Some(Node::Tuple(content) | Node::List(content))) if plain => Meaning::Tuple(content),
            (Known::Tuple, _) if plain && args.is_empty() => Meaning::Tuple(Items::EMPTY),
            (Known::Set | Known::FrozenSet, _) if args.is_empty() && entries.is_empty() => Meaning::Set(items),
            (
                Known::Set | Known::FrozenSet,
                Some(Node::List(content) | Node::Tuple(content) | Node::Set(content) | Node::FrozenSet(content)),
            ) if plain => Meaning::Set(content),
            (Known::List | Known::Deque, _) if args.is_empty() && entries.is_empty() => Meaning::List(items),
            (Known::List | Known::Deque, Some(Node::List(content) | Node::Tuple(content))) if plain => {
                Meaning::List(content)
            }
            // `deque((), maxlen)`
            (Known::Deque, None) if args.len() == 2 && entries.is_empty() => match self.content(args[0]) {
                Node::Tuple(content) | Node::List(content) if content.is_empty() => Meaning::List(items),
                Node::Tuple(content) | Node::List(content) if items.is_empty() => Meaning::List(content),
                _ => return None,
            },
            // `array.array(typecode, list)`, or a tuple
            (Known::StdArray, None) if args.len() == 2 && plain => match self.content(args[1]) {
                Node::List(content) | Node::Tuple(content) => Meaning::List(content),
                _ => return None,
            },
            (Known::Dict | Known::OrderedDict | Known::Counter, None) if args.is_empty() && items.is_empty() => {
                Meaning::Dict(entries)
            }
            (Known::Dict | Known::OrderedDict | Known::Counter, Some(Node::Dict(content))) if plain => {
                Meaning::Dict(content)
            }
            // The argument is the function that makes a missing value.
            (Known::DefaultDict, _) if args.len() <= 1 && items.is_empty() => Meaning::Dict(entries),
            _ => return None,
        })
    }

    /// A container that other containers are made of. One that was made empty and then filled is as good as any; of one
    /// that was made of a third, the third was taken when it was parsed.
    pub(super) fn content(&self, id: NodeId) -> Node<'de> {
        let node = self.node(id);
        let Some((object, known)) = self.call(id) else { return node };
        if object.made != Made::Reduce || object.state.is_some() {
            return node;
        }
        let (items, entries) = (object.items, object.entries);
        match (known, self.args(object)) {
            (Known::Tuple, []) if items.is_empty() && entries.is_empty() => Node::Tuple(Items::EMPTY),
            (Known::List | Known::Deque, []) if entries.is_empty() => Node::List(items),
            (Known::Set, []) if entries.is_empty() => Node::Set(items),
            (Known::FrozenSet, []) if entries.is_empty() => Node::FrozenSet(items),
            (Known::Dict | Known::OrderedDict | Known::Counter, []) | (Known::DefaultDict, [] | [_])
                if items.is_empty() =>
            {
                Node::Dict(entries)
            }
            _ => node,
        }
    }

    /// The items of a list, also of one that was made by a call.
    pub(super) fn list(&self, id: NodeId) -> Option<Items> {
        match (self.node(id), self.call(id)) {
            (Node::List(items), _) => Some(items),
            (_, Some((object, Known::List))) => match self.builtin(object, Known::List)? {
                Meaning::List(items) => Some(items),
                _ => None,
            },
            _ => None,
        }
    }

    /// A part of a complex number.
    fn real(&self, id: NodeId) -> Option<f64> {
        match self.node(id) {
            Node::Float(value) => Some(value),
            Node::Int(value) => Some(value as f64),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stream::testing::read;

    #[test]
    fn builtin_types() {
        for (stream, shown) in [
            (&b"cbuiltins\nset\n)R."[..], "Set[]"),
            (b"cbuiltins\nfrozenset\n(K\x01K\x02l\x85R.", "Set[1, 2]"),
            (b"cbuiltins\ndict\n)RK\x01K\x02s.", "{1, 2}"),
            (b"cbuiltins\ndict\n}K\x01K\x02s\x85R.", "{1, 2}"),
            (b"cbuiltins\nlist\n)RK\x01a.", "[1]"),
            (b"cbuiltins\nlist\n(K\x01t\x85R.", "[1]"),
            (b"cbuiltins\ntuple\n]\x85R.", "()"),
            (b"cbuiltins\ncomplex\nK\x01\x85R.", "1.0+0.0j"),
            (b"cbuiltins\nbytes\n\x97\x85R.", "Buffer(0)"),
            (b"cbuiltins\nbytearray\nC\x01a\x85R.", "b'a'"),
            (b"c__builtin__\nbytearray\nVa\xff\nVlatin-1\n\x86R.", r"b'a\xff'"),
            (b"ccollections\ndefaultdict\n)RK\x01K\x02s.", "{1, 2}"),
            (b"ccollections\ndeque\n]K\x01a\x85R.", "[1]"),
        ] {
            assert_eq!(read(stream).unwrap(), shown);
        }
    }

    #[test]
    fn what_would_have_to_be_rewritten_stays_an_object() {
        for (stream, shown) in [
            // OrderedDict([[1, 2]]), as Python 2 wrote it
            (&b"ccollections\nOrderedDict\n]](K\x01K\x02ea\x85R."[..], "collections.OrderedDict([[1, 2]])"),
            // dict({1: 2}) with another key, a list with attributes, list.__new__(list, [])
            (b"cbuiltins\ndict\n}K\x01K\x02s\x85RK\x03K\x04s.", "builtins.dict({1, 2})+{3, 4}"),
            (b"cbuiltins\nlist\n)RK\x01a}b.", "builtins.list()+[1].{}"),
            (b"cbuiltins\nlist\n]\x85\x81.", "builtins.list([])"),
            (b"cbuiltins\nint\nK\x05\x85R.", "builtins.int(5)"),
        ] {
            assert_eq!(read(stream).unwrap(), shown);
        }
    }
}
