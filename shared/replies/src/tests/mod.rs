mod plain;
mod stream;
mod trouble;
