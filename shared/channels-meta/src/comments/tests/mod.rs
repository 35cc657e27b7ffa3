mod receive;
mod send;
