mod connected;
mod fetch;
mod hostile;
mod pages;
mod preview;
mod races;
mod trouble;
