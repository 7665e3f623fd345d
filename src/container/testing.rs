//! What the tests of this room share: files that Python wrote, and files that lie.

use std::io::Cursor;

use super::trailer::Trailer;
use super::{Digest, Entry, Header, Memory, ReadOptions, Reader, Revision, WriteOptions, Writer, index};
use crate::buffers::{ArrayInfo, Sink};
use crate::codec::testing::bytes_of_hex;
use crate::codec::{Chain, CodecSpec, Registry};
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};

// Three files with `[arange(3, dtype="i4"), asfortranarray([[0, .5, 1], [1.5, 2, 2.5]]), zeros(0, "f4")]`.

/// `BinPickler(path)`
pub(super) const RAW: &str = "\
    4250434b0002000000000000000002ea0000000001000000020000000000000000000000000000000000f83f000000000000e03f00000000\
    00000040000000000000f03f0000000000000440800595d7000000000000005d94288c136e756d70792e5f636f72652e6e756d6572696394\
    8c0b5f66726f6d62756666657294939428978c056e756d7079948c0564747970659493948c02693494898887945294284b038c013c944e4e\
    4e4affffffff4affffffff4b007494624b0385948c014394749452946803289768068c02663894898887945294284b03680a4e4e4e4affff\
    ffff4affffffff4b007494624b024b0386948c014694749452946803289768068c02663494898887945294284b03680a4e4e4e4affffffff\
    4affffffff4b007494624b008594680d74945294652e9486a66f666673657410aa656e635f6c656e6774680caa6465635f6c656e6774680c\
    a468617368c420ad5dc1478de06a4c2728ea528bd9361a4b945e92a414bf4d180cedaaeaa5f4cca4696e666f93a76e646172726179a5696e\
    7433329103a6636f646563739086a66f66667365741caa656e635f6c656e67746830aa6465635f6c656e67746830a468617368c420583c80\
    5e4ad536dbaad7d5ae8f2078ee90e0f7ed29888402b300503adb6049e8a4696e666f93a76e646172726179a7666c6f61743634920302a663\
    6f646563739086a66f66667365744caa656e635f6c656e67746800aa6465635f6c656e67746800a468617368c420e3b0c44298fc1c149afb\
    f4c8996fb92427ae41e4649b934ca495991b7852b855a4696e666f93a76e646172726179a7666c6f617433329100a6636f646563739086a6\
    6f66667365744caa656e635f6c656e677468cce2aa6465635f6c656e677468cce2a468617368c4202411b0f3e8642655d5b5ef7b755b2c2f\
    0905dd38b148aae3cc92baabdd435350a4696e666fc0a6636f6465637390000000000000012e000001903bfefa155c12ab8b0f15c615fda5\
    39b1866480af4d42cdb1243e9dae56838321\
";

/// `BinPickler(path, align=True)` on a machine with pages of 64 bytes
pub(super) const MAPPABLE: &str = "\
    4250434b00020002000000000000036100000000000000000000000000000000000000000000000000000000000000000000000000000000\
    0000000000000000000000000100000002000000000000000000000000000000000000000000000000000000000000000000000000000000\
    000000000000000000000000000000000000000000000000000000000000f83f000000000000e03f0000000000000040000000000000f03f\
    000000000000044000000000000000000000000000000000800595d7000000000000005d94288c136e756d70792e5f636f72652e6e756d65\
    726963948c0b5f66726f6d62756666657294939428978c056e756d7079948c0564747970659493948c02693494898887945294284b038c01\
    3c944e4e4e4affffffff4affffffff4b007494624b0385948c014394749452946803289768068c02663894898887945294284b03680a4e4e\
    4e4affffffff4affffffff4b007494624b024b0386948c014694749452946803289768068c02663494898887945294284b03680a4e4e4e4a\
    ffffffff4affffffff4b007494624b008594680d74945294652e9486a66f666673657440aa656e635f6c656e6774680caa6465635f6c656e\
    6774680ca468617368c420ad5dc1478de06a4c2728ea528bd9361a4b945e92a414bf4d180cedaaeaa5f4cca4696e666f93a76e6461727261\
    79a5696e7433329103a6636f646563739086a66f6666736574cc80aa656e635f6c656e67746830aa6465635f6c656e67746830a468617368\
    c420583c805e4ad536dbaad7d5ae8f2078ee90e0f7ed29888402b300503adb6049e8a4696e666f93a76e646172726179a7666c6f61743634\
    920302a6636f646563739086a66f6666736574ccc0aa656e635f6c656e67746800aa6465635f6c656e67746800a468617368c420e3b0c442\
    98fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a4696e666f93a76e646172726179a7666c6f617433329100a6636f64\
    6563739086a66f6666736574ccc0aa656e635f6c656e677468cce2aa6465635f6c656e677468cce2a468617368c4202411b0f3e8642655d5\
    b5ef7b755b2c2f0905dd38b148aae3cc92baabdd435350a4696e666fc0a6636f646563739000000000000001a200000193ee913d59b208cd\
    06e97fc1b3fbf10729eb49f977cb7bea603f0f44c7bb499707\
";

/// `BinPickler(path, codecs=["gzip"])`
pub(super) const GZIP: &str = "\
    4250434b0002000000000000000002e51f8b0800212f056b04ff63606060600462262006007a0e761d0c0000001f8b0800212f056b04ff63\
    6040063fec21bc07509ac101c2ff00e5b338000001b1a6e3300000001f8b0800212f056b04ff6b609d7a9d010262a768f408e795e61654ea\
    c527e717a5ea01d9a94599c9537ab8e3d38af273934ad3d2528ba64c9ea231bd8715ac6e4a0f6b4a4965412a50ac8729d3644a6747fb94a0\
    291adecc3d8c3653fcfcfcbcfe030198f066289992e4cddc3aa587d1794a09505106b3c6f40cb61ea6340b84ae0c2e2c7a98bc99db80badc\
    507521d985551743eb940c5e903da97a00f5a5c21ce20000009486a66f666673657410aa656e635f6c656e6774681daa6465635f6c656e67\
    74680ca468617368c4206874c56c7e8f1f441bbd77a2b6861bc418e4d26870d319cef43f3a7991ca50f0a4696e666f93a76e646172726179\
    a5696e7433329103a6636f646563739182a26964a4677a6970a56c6576656c0186a66f66667365742daa656e635f6c656e67746827aa6465\
    635f6c656e67746830a468617368c420c5c9a1ea6950772c871db1327aa920c8a124cc4a03a6946dc65238c3c5967c7ea4696e666f93a76e\
    646172726179a7666c6f61743634920302a6636f646563739182a26964a4677a6970a56c6576656c0186a66f666673657454aa656e635f6c\
    656e67746800aa6465635f6c656e67746800a468617368c420e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8\
    55a4696e666f93a76e646172726179a7666c6f617433329100a6636f646563739086a66f666673657454aa656e635f6c656e677468cca5aa\
    6465635f6c656e677468cce2a468617368c4201ac1abb9a9a023b07eaa1c9376297a350f9feb85146803d2a26fe302bbb899cba4696e666f\
    c0a6636f646563739182a26964a4677a6970a56c6576656c0100000000000000f9000001c02ed0170eb43cd2b7acb5ba3ca8c15de97b4296\
    995c586b23c00b38a17404a95a\
";

pub(super) fn golden(hex: &str) -> Vec<u8> {
    bytes_of_hex(hex)
}

/// The arrays in the golden files.
pub(super) fn arrays() -> [(Vec<u8>, DType, Vec<usize>); 3] {
    let floats = [0.0f64, 1.5, 0.5, 2.0, 1.0, 2.5];
    [
        ([0i32, 1, 2].iter().flat_map(|n| n.to_le_bytes()).collect(), i32::DTYPE, vec![3]),
        (floats.iter().flat_map(|n| n.to_le_bytes()).collect(), f64::DTYPE, vec![3, 2]),
        (Vec::new(), f32::DTYPE, vec![0]),
    ]
}

pub(super) fn options(align: Option<usize>, codecs: &[&str]) -> WriteOptions {
    let specs = codecs.iter().map(|id| CodecSpec::from(*id));
    WriteOptions { align, chain: Chain::new(specs, &Registry::new()).unwrap(), ..WriteOptions::default() }
}

/// Writes the arrays of the golden files.
pub(super) fn write_to<W: std::io::Write + std::io::Seek>(out: W, options: WriteOptions, stream: &[u8]) -> Result<W> {
    let mut writer = Writer::new(out, options)?;
    for (data, dtype, shape) in &arrays() {
        writer.write_buffer(data, Some(ArrayInfo { dtype: *dtype, shape }))?;
    }
    writer.finish_whole(stream)
}

pub(super) fn write(options: WriteOptions, stream: &[u8]) -> Vec<u8> {
    write_to(Cursor::new(Vec::new()), options, stream).unwrap().into_inner()
}

pub(super) fn open(bytes: &[u8]) -> Result<Reader<'_>> {
    Reader::open(Memory(bytes), ReadOptions::default())
}

/// All buffers and the stream.
pub(super) fn load(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    let reader = open(bytes)?;
    let buffers = (0..reader.buffer_count()).map(|n| Ok(reader.lend(n)?.to_vec()));
    let mut all: Vec<Vec<u8>> = buffers.collect::<Result<_>>()?;
    all.push(reader.stream()?.to_vec());
    Ok(all)
}

/// What opening a file or looking at all of it finds.
pub(super) fn errors(bytes: &[u8]) -> Vec<Error> {
    match open(bytes) {
        Ok(reader) => {
            let errors = reader.find_errors();
            assert_eq!(
                reader.verify().map_err(|error| error.to_string()),
                errors.first().map_or(Ok(()), |error| Err(error.to_string()))
            );
            errors
        }
        Err(error) => vec![error],
    }
}

/// An entry with the right digest for what is at its place.
pub(super) fn entry(body: &[u8], offset: usize, len: usize) -> Entry {
    entry_of(Revision::V2, body, offset, len)
}

pub(super) fn entry_of(revision: Revision, body: &[u8], offset: usize, len: usize) -> Entry {
    let digest = Digest::of(revision, &body[offset - 16..offset - 16 + len]);
    Entry { offset: offset as u64, enc_len: len as u64, dec_len: len as u64, digest, info: None, codecs: Vec::new() }
}

/// A file whose digests are right, whatever it says.
pub(super) fn forge(body: &[u8], entries: &[Entry]) -> Vec<u8> {
    forge_of(Revision::V2, body, entries)
}

pub(super) fn forge_of(revision: Revision, body: &[u8], entries: &[Entry]) -> Vec<u8> {
    forge_index(revision, body, &index::encode(revision, entries).unwrap())
}

pub(super) fn forge_index(revision: Revision, body: &[u8], index: &[u8]) -> Vec<u8> {
    let index_offset = (Header::SIZE + body.len()) as u64;
    let trailer = Trailer { index_offset, index_len: index.len() as u32, digest: Digest::of(revision, index) };
    let len = index_offset + index.len() as u64 + Trailer::len(revision) as u64;
    let header = Header { revision, mappable: false, len };
    [&header.encode()[..], body, index, &trailer.encode()].concat()
}
