/// Endings with their types, those first by which a type is called.
const EXTENSIONS: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("aiff", "audio/aiff"),
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("3gp", "video/3gpp"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
    ("mkv", "video/x-matroska"),
    ("avi", "video/x-msvideo"),
    ("mpg", "video/mpeg"),
    ("mpeg", "video/mpeg"),
    ("ogv", "video/ogg"),
    ("pdf", "application/pdf"),
    ("docx", super::container::DOCX),
    ("xlsx", super::container::XLSX),
    ("pptx", super::container::PPTX),
    ("odt", super::container::ODT),
    ("ods", super::container::ODS),
    ("odp", super::container::ODP),
    ("doc", super::container::DOC),
    ("xls", super::container::XLS),
    ("ppt", super::container::PPT),
    ("rtf", "application/rtf"),
    ("txt", "text/plain"),
    ("text", "text/plain"),
    ("log", "text/plain"),
    ("md", "text/plain"),
    ("csv", "text/csv"),
    ("vcf", "text/vcard"),
    ("vcard", "text/vcard"),
];

/// Endings of what a computer or a browser runs, or asks another program to.
const DANGEROUS: &[&str] = &[
    "ade",
    "adp",
    "apk",
    "app",
    "appref-ms",
    "appx",
    "asp",
    "aspx",
    "bash",
    "bat",
    "cgi",
    "chm",
    "class",
    "cmd",
    "cjs",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "dll",
    "dmg",
    "docm",
    "dotm",
    "elf",
    "exe",
    "fish",
    "gadget",
    "hta",
    "htm",
    "html",
    "inf",
    "ins",
    "iso",
    "jar",
    "js",
    "jse",
    "jsp",
    "jsx",
    "ksh",
    "lnk",
    "mht",
    "mhtml",
    "mjs",
    "msc",
    "msi",
    "msix",
    "msp",
    "mst",
    "phar",
    "php",
    "php3",
    "php4",
    "php5",
    "phtml",
    "pif",
    "pkg",
    "pl",
    "potm",
    "ppam",
    "ppsm",
    "pptm",
    "ps1",
    "ps1xml",
    "ps2",
    "psc1",
    "psd1",
    "psm1",
    "py",
    "pyc",
    "pyw",
    "rb",
    "reg",
    "rpm",
    "scf",
    "scpt",
    "scr",
    "sct",
    "settingcontent-ms",
    "sh",
    "shtml",
    "svg",
    "svgz",
    "swf",
    "sys",
    "tsx",
    "url",
    "vb",
    "vbe",
    "vbs",
    "wasm",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xap",
    "xht",
    "xhtml",
    "xlam",
    "xlsm",
    "xltm",
    "xsl",
    "xslt",
    "zsh",
];

/// Substrings of names that make a type dangerous.
const DANGEROUS_TYPES: &[&str] = &[
    "html",
    "xml",
    "svg",
    "script",
    "php",
    "executable",
    "msdownload",
    "dosexec",
    "x-sh",
    "x-python",
    "x-perl",
    "x-ruby",
    "x-msi",
    "java",
    "flash",
    "wasm",
    "x-elf",
    "mach-binary",
    "x-bat",
    "multipart/",
    "message/",
];

fn extension(filename: &str) -> String {
    let ending = filename.trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    let (_, ending) = ending.rsplit_once('.').unwrap_or_default();
    ending.to_ascii_lowercase()
}

/// The type for a file extension, if it is on the allow-list.
pub(super) fn by_extension(filename: &str) -> Option<&'static str> {
    let extension = extension(filename);
    let found = EXTENSIONS.iter().find(|(known, _)| *known == extension);
    found.map(|(_, media_type)| *media_type)
}

/// Whether a name is one of plain text.
pub(super) fn is_text_extension(filename: &str) -> bool {
    by_extension(filename).is_some_and(|media_type| media_type.starts_with("text/"))
}

/// The ending that a type's files have; `None` for a type that is not on the allow-list.
#[must_use]
pub fn extension_for(media_type: &str) -> Option<&'static str> {
    let found = EXTENSIONS.iter().find(|(_, known)| *known == media_type);
    found.map(|(extension, _)| *extension)
}

/// Whether a computer or a browser would run a file for its name.
#[must_use]
pub fn is_dangerous_name(filename: &str) -> bool {
    DANGEROUS.contains(&extension(filename).as_str())
}

/// Whether a browser might run a file for its type, given in lower case.
pub(super) fn is_dangerous_type(media_type: &str) -> bool {
    // Office documents are XML by name alone: what they hold is a zip.
    !media_type.contains("openxmlformats")
        && DANGEROUS_TYPES.iter().any(|word| media_type.contains(word))
}
