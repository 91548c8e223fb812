//! One question and its answer: by UDP, and by TCP where that is cut to fit or lost (RFC 7766).
//!
//! The socket is connected and never bound, so that no other server's answer is heard, and so that it works where a service may
//! not bind ports.

use super::message::is_whole_answer;
use socket2::{Domain, Socket, Type};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

/// How long an answer by UDP is waited for, each time that it is asked for.
const BY_UDP: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];
/// The same by TCP, for each step.
const BY_TCP: Duration = Duration::from_secs(5);
/// Octets of an answer by UDP; none was asked for that is longer than 512.
const DATAGRAM: usize = 4096;

/// The server's answer to `request`.
pub(super) fn exchange(server: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    match by_udp(server, request) {
        Ok(Some(answer)) => Ok(answer),
        // Cut, or lost, or nobody listens there: TCP says more.
        Ok(None) | Err(_) => by_tcp(server, request),
    }
}

/// None where the answer is cut.
fn by_udp(server: SocketAddr, request: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let socket = Socket::new(Domain::for_address(server), Type::DGRAM, None)?;
    socket.connect(&server.into())?;
    let socket = UdpSocket::from(socket);
    let mut buffer = vec![0; DATAGRAM];
    for wait in BY_UDP {
        socket.send(request)?;
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            socket.set_read_timeout(Some(left))?;
            let count = match socket.recv(&mut buffer) {
                Ok(count) => count,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => break,
                Err(error) => return Err(error),
            };
            let answer = buffer.get(..count).unwrap_or_default();
            // Anything else is not meant for this question.
            if let Some(is_whole) = is_whole_answer(answer, request) {
                return Ok(is_whole.then(|| answer.to_vec()));
            }
        }
    }
    Ok(None)
}

fn by_tcp(server: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&server, BY_TCP)?;
    stream.set_read_timeout(Some(BY_TCP))?;
    stream.set_write_timeout(Some(BY_TCP))?;
    let length = u16::try_from(request.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), request].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    // A byte now and then does not keep it waiting for ever.
    let until = Instant::now() + 2 * BY_TCP;
    let mut rest = answer.as_mut_slice();
    while !rest.is_empty() {
        if Instant::now() >= until {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match stream.read(rest)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => rest = rest.get_mut(count..).unwrap_or_default(),
        }
    }
    let wrong = || io::Error::other("it answers another question");
    is_whole_answer(&answer, request).filter(|is_whole| *is_whole).ok_or_else(wrong)?;
    Ok(answer)
}
