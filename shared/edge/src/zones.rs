//! Time zones, as the platform knows them: their tables would be a quarter of a Worker.

use common::time::Timestamp;
use js_sys::{Array, Function, Object, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};

/// How a part of a date is asked for, and under which name it comes back.
const PARTS: [(&str, &str); 6] = [
    ("year", "numeric"),
    ("month", "2-digit"),
    ("day", "2-digit"),
    ("hour", "2-digit"),
    ("minute", "2-digit"),
    ("second", "2-digit"),
];

/// See [`common::ports::WallClock`].
pub fn wall_clock(zone: &str, at: Timestamp) -> Option<String> {
    let parts = parts(zone, at).ok()?;
    let part = |wanted: &str| {
        let is_it = |part: &JsValue| get(part, "type").ok()?.as_string();
        let found = parts
            .iter()
            .find(|part| is_it(part).as_deref() == Some(wanted))?;
        get(&found, "value").ok()?.as_string()
    };
    let [year, month, day, hour, minute, second] = PARTS.map(|(name, _)| part(name));
    let date = [year?, month?, day?].join("-");
    let time = [hour?, minute?, second?].join(":");
    Some([date, time].join(" "))
}

/// `new Intl.DateTimeFormat(…).formatToParts(at)`, of which an unknown zone throws the first.
fn parts(zone: &str, at: Timestamp) -> Result<Array, JsValue> {
    let options = Object::new();
    let set = |name: &str, value: &str| Reflect::set(&options, &name.into(), &value.into());
    for (name, form) in PARTS {
        set(name, form)?;
    }
    set("hourCycle", "h23")?;
    set("timeZone", zone)?;
    let constructor: Function = get(&get(&global(), "Intl")?, "DateTimeFormat")?.dyn_into()?;
    let format = Reflect::construct(&constructor, &Array::of2(&"en-GB".into(), &options))?;
    let to_parts: Function = get(&format, "formatToParts")?.dyn_into()?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds, far below 2^53")]
    let millis = at.micros().div_euclid(1000) as f64;
    to_parts.call1(&format, &millis.into())?.dyn_into()
}

fn get(of: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(of, &name.into())
}
