//! What codecs are called in the index: nil, or `[name, config]` with a codec of Python's binpickle.
//!
//! | Python | form | [`CodecConfig`]s |
//! |---|---|---|
//! | `None` | nil | none |
//! | `Null()` | `["null", {}]` | none |
//! | `GZ(9)` | `["gz", {level: 9}]` | `zlib`, with a `level` |
//! | `NC(numcodecs.Zstd(3))` | `["numcodec", {id: "zstd", level: 3}]` | that one |
//! | `Chain([…])` | `["chain", {codecs: [form, …]}]` | each of them |
//! | any other `Own(…)` | `["own", {…}]` | `binpickle.own` |

use crate::codec::{CodecConfig, ConfigValue, MAX_STEPS};
use crate::container::msgpack::{config_of, with_settings};
use crate::error::{Error, Result};

/// What the ids of codecs begin with that are neither numcodecs' nor have an equal there.
pub(super) const OWN: &str = "binpickle.";

/// The form of codecs, in the order in which they encode.
pub(super) fn of_codecs(codecs: &[CodecConfig]) -> Result<ConfigValue> {
    match codecs {
        [] => Ok(ConfigValue::Null),
        [codec] => of_codec(codec),
        codecs => {
            let forms: Vec<ConfigValue> = codecs.iter().map(of_codec).collect::<Result<_>>()?;
            Ok(pair("chain", vec![("codecs".to_owned(), forms.into())]))
        }
    }
}

fn of_codec(codec: &CodecConfig) -> Result<ConfigValue> {
    let mut settings: Vec<(String, ConfigValue)> =
        codec.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    if codec.id() == "zlib" && codec.only(&["level"]).is_ok() {
        return Ok(pair("gz", settings));
    }
    if let Some(own) = codec.id().strip_prefix(OWN) {
        return Ok(pair(own, settings));
    }
    // Python makes it by `NC(**config)`, whose first parameters are these two.
    if let Some(key) = ["self", "codec"].into_iter().find(|key| codec.value(key).is_some()) {
        return Err(Error::codec(format!(
            "the codec `{}` has the parameter `{key}`, with which no file of revision V1 can have it",
            codec.id()
        )));
    }
    settings.insert(0, ("id".to_owned(), codec.id().into()));
    Ok(pair("numcodec", settings))
}

fn pair(name: &str, settings: Vec<(String, ConfigValue)>) -> ConfigValue {
    ConfigValue::List(vec![name.into(), settings.into()])
}

/// The codecs of a form, or what was expected in its place.
pub(super) fn codecs_of(form: ConfigValue) -> Result<Vec<CodecConfig>, &'static str> {
    let mut codecs = Vec::new();
    if form != ConfigValue::Null {
        add(form, &mut codecs)?;
    }
    Ok(codecs)
}

/// Adds the codecs of a form. It ends, for a form is not deeper than any value of an index.
fn add(form: ConfigValue, codecs: &mut Vec<CodecConfig>) -> Result<(), &'static str> {
    const A_PAIR: &str = "a codec's name and settings before this";
    let ConfigValue::List(parts) = form else { return Err(A_PAIR) };
    let Ok([ConfigValue::Str(name), ConfigValue::Map(mut settings)]) = <[ConfigValue; 2]>::try_from(parts) else {
        return Err(A_PAIR);
    };
    match &*name {
        "null" if settings.is_empty() => return Ok(()),
        "null" => return Err("no settings of the codec `null` before this"),
        "chain" => {
            return match (settings.pop(), settings.is_empty()) {
                (Some((key, ConfigValue::List(forms))), true) if key == "codecs" => {
                    forms.into_iter().try_for_each(|form| add(form, codecs))
                }
                _ => Err("the codecs of a chain before this"),
            };
        }
        "gz" => codecs.push(with_settings("zlib", settings)),
        "numcodec" => codecs.push(config_of(settings)?),
        own => codecs.push(with_settings(format!("{OWN}{own}"), settings)),
    }
    if codecs.len() > MAX_STEPS { Err("no more than 32 codecs of a buffer before this") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codec(id: &str) -> CodecConfig {
        CodecConfig::new(id)
    }

    fn gz(level: i32) -> ConfigValue {
        pair("gz", vec![("level".to_owned(), level.into())])
    }

    fn chain(forms: Vec<ConfigValue>) -> ConfigValue {
        pair("chain", vec![("codecs".to_owned(), forms.into())])
    }

    #[test]
    fn there_and_back() {
        for codecs in [
            vec![],
            vec![codec("zlib").set("level", 3)],
            vec![codec("zstd").set("level", 3).set("checksum", true)],
            vec![codec("delta").set("dtype", "<f4"), codec("zlib").set("level", 3)],
            vec![codec("binpickle.blosc").set("name", "lz4").set("level", 5).set("shuffle", 2)],
            vec![codec("zlib").set("level", 3).set("more", ())],
            vec![codec("crc32"); MAX_STEPS],
        ] {
            assert_eq!(codecs_of(of_codecs(&codecs).unwrap()).unwrap(), codecs);
        }
        assert_eq!(of_codecs(&[]).unwrap(), ConfigValue::Null);
        assert_eq!(of_codecs(&[codec("zlib").set("level", 3)]).unwrap().to_string(), "['gz', {'level': 3}]");
        assert_eq!(
            of_codecs(&[codec("zlib").set("level", 3).set("more", ()), codec("binpickle.own")]).unwrap().to_string(),
            "['chain', {'codecs': [['numcodec', {'id': 'zlib', 'level': 3, 'more': None}], ['own', {}]]}]"
        );
    }

    #[test]
    fn chains_are_flat() {
        let null = || pair("null", Vec::new());
        let zlib = |level: i32| codec("zlib").set("level", level);
        assert_eq!(codecs_of(null()).unwrap(), []);
        assert_eq!(codecs_of(chain(Vec::new())).unwrap(), []);
        let nested = chain(vec![null(), gz(1), chain(vec![gz(2), chain(vec![gz(3)])]), gz(4)]);
        assert_eq!(codecs_of(nested).unwrap(), [zlib(1), zlib(2), zlib(3), zlib(4)]);
        assert!(codecs_of(chain(vec![null(); 1000])).is_ok());
        assert_eq!(codecs_of(chain(vec![gz(1); MAX_STEPS])).unwrap().len(), MAX_STEPS);
        assert!(codecs_of(chain(vec![gz(1); MAX_STEPS + 1])).is_err());
        assert!(codecs_of(chain(vec![chain(vec![gz(1); MAX_STEPS]), gz(1)])).is_err());
    }

    #[test]
    fn what_is_no_form() {
        let id = |id: ConfigValue| pair("numcodec", vec![("id".to_owned(), id)]);
        let list = ConfigValue::List;
        for form in [
            ConfigValue::Bool(false),
            "gz".into(),
            list(vec![]),
            list(vec!["gz".into()]),
            list(vec!["gz".into(), ConfigValue::Null]),
            list(vec!["gz".into(), ConfigValue::Map(Vec::new()), 1.into()]),
            list(vec![ConfigValue::Null, ConfigValue::Map(Vec::new())]),
            pair("null", vec![("level".to_owned(), 1.into())]),
            pair("numcodec", vec![]),
            id(1.into()),
            pair("chain", vec![]),
            pair("chain", vec![("codecs".to_owned(), gz(1)), ("more".to_owned(), 1.into())]),
            chain(vec![ConfigValue::Null]),
            chain(vec!["gz".into()]),
        ] {
            assert!(codecs_of(form.clone()).is_err(), "{form}");
        }
    }

    #[test]
    fn what_python_could_not_make_again() {
        for key in ["codec", "self"] {
            let error = of_codecs(&[codec("mine").set(key, 1)]).unwrap_err();
            let expected =
                format!("the codec `mine` has the parameter `{key}`, with which no file of revision V1 can have it");
            assert_eq!(error.to_string(), expected);
        }
    }
}
