//! Codecs on the command line.

use binpickle::codec::{CodecConfig, ConfigValue};
use serde_json::Value;

/// A codec: `zstd`, `zstd(level=3)` as `list` prints it, or numcodecs' config as JSON.
pub fn parse(text: &str) -> Result<CodecConfig, String> {
    let text = text.trim();
    if text.starts_with('{') {
        return of_json(text);
    }
    let Some((id, settings)) = text.split_once('(') else { return named(text) };
    let settings = settings.strip_suffix(')').ok_or("the closing parenthesis is missing")?;
    settings.split(',').map(str::trim).filter(|setting| !setting.is_empty()).try_fold(named(id)?, |config, setting| {
        let (key, value) =
            setting.split_once('=').ok_or_else(|| format!("`{setting}` is not of the form key=value"))?;
        Ok(config.set(key.trim(), of_text(value.trim())))
    })
}

fn named(id: &str) -> Result<CodecConfig, String> {
    let id = id.trim();
    if id.is_empty() { Err("the codec has no name".to_owned()) } else { Ok(CodecConfig::new(id)) }
}

/// A value as Python writes it; what is nothing else is text.
fn of_text(text: &str) -> ConfigValue {
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    match text {
        "None" => ConfigValue::Null,
        "True" => ConfigValue::Bool(true),
        "False" => ConfigValue::Bool(false),
        _ => match (text.parse(), text.parse(), quoted('\'').or_else(|| quoted('"'))) {
            (Ok(int), _, _) => ConfigValue::Int(int),
            (_, Ok(float), _) => ConfigValue::Float(float),
            (_, _, Some(text)) => ConfigValue::Str(text.to_owned()),
            _ => ConfigValue::Str(text.to_owned()),
        },
    }
}

fn of_json(text: &str) -> Result<CodecConfig, String> {
    let Ok(Value::Object(settings)) = serde_json::from_str(text) else {
        return Err("it is no JSON object".to_owned());
    };
    let id = settings.get("id").and_then(Value::as_str).ok_or("the JSON object has no text `id`")?;
    let others = settings.iter().filter(|(key, _)| *key != "id");
    Ok(others.fold(CodecConfig::new(id), |config, (key, value)| config.set(key, value_of_json(value))))
}

fn value_of_json(value: &Value) -> ConfigValue {
    match value {
        Value::Null => ConfigValue::Null,
        Value::Bool(value) => ConfigValue::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(int) => ConfigValue::Int(int),
            None => ConfigValue::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        Value::String(text) => ConfigValue::Str(text.clone()),
        Value::Array(items) => ConfigValue::List(items.iter().map(value_of_json).collect()),
        Value::Object(items) => {
            ConfigValue::Map(items.iter().map(|(key, value)| (key.clone(), value_of_json(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_they_are_printed() {
        for text in ["zstd", "zstd(level=3)", "blosc(cname='zstd', clevel=5)", "x(a=None, b=True, c=0.5, d=-1)"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse(" blosc( cname=zstd ,) ").unwrap().to_string(), "blosc(cname='zstd')");
        assert_eq!(parse(r#"{"level": 3, "id": "zstd"}"#).unwrap().to_string(), "zstd(level=3)");
        assert_eq!(
            parse(r#"{"id": "lzma", "filters": [{"id": 3}]}"#).unwrap().to_string(),
            "lzma(filters=[{'id': 3}])"
        );
        for text in ["", "(level=3)", "zstd(level=3", "zstd(3)", "{", "{}", r#"{"id": 3}"#] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
