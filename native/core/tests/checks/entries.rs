//! Entries of all formats made of any bytes, with lengths and checksums that hold, so that the inside is reached.

use std::io::Write;

use arbitrary::{Arbitrary, Result, Unstructured};
use kinspect_core::generated::{
    BatchHeader, COMPRESSION_MASK, CRC_START, HEADER_SIZE, LOG_OVERHEAD, MAGIC_POSITION, MESSAGE_CRC_START,
};
use kinspect_core::header::MessageHead;
use kinspect_core::request::Request;

use super::segment::agree;

/// The header of a batch with one record, but for its length and its checksum.
pub const ONE_RECORD: BatchHeader = BatchHeader {
    base_offset: 0,
    batch_length: 0,
    partition_leader_epoch: 0,
    magic: 2,
    crc: 0,
    attributes: 0,
    last_offset_delta: 0,
    base_timestamp: 0,
    max_timestamp: 0,
    producer_id: -1,
    producer_epoch: -1,
    base_sequence: -1,
    records_count: 1,
};

/// One to three v2 batches, of any header fields and records.
pub fn batch(data: &[u8]) {
    if let Ok(file) = any_batches(&mut Unstructured::new(data)) {
        agree(&file, &Request::default());
    }
}

/// Some messages of v0 and v1, plain and compressed.
pub fn messages(data: &[u8]) {
    if let Ok(file) = any_messages(&mut Unstructured::new(data)) {
        agree(&file, &Request::default());
    }
}

fn any_batches(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    for _ in 0..input.int_in_range(1..=3)? {
        let header = any_header(input)?;
        let is_packed = input.ratio(3, 4)?;
        let body = any_part(input)?;
        let body = if is_packed { pack(header.codec(), body) } else { body.to_vec() };
        file.extend(batch_of(&header, &body));
    }
    Ok(file)
}

fn any_messages(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    for number in 0..input.int_in_range(1..=3)? {
        let (magic, codec) = (input.int_in_range(0..=1)?, input.int_in_range(0..=7)?);
        let offset = usual(input, number * 10 + 9)?;
        let value = if codec == 0 { any_part(input)?.to_vec() } else { pack(codec, &any_set(input)?) };
        let attributes = codec as i8 | usual(input, 0)?;
        file.extend(message_of(magic, attributes, offset, None, Some(&value)));
    }
    Ok(file)
}

/// What is compressed in a wrapper; in some, the bytes are no messages.
fn any_set(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    if input.ratio(1, 4)? {
        return any_part(input).map(<[u8]>::to_vec);
    }
    let mut set = Vec::new();
    for number in 0..input.int_in_range(0..=4)? {
        let (magic, attributes) = (usual(input, 1)? & 1, usual(input, 0)?);
        let (offset, key) = (usual(input, number)?, any_part(input)?.to_vec());
        let message = message_of(magic, attributes, offset, Some(&key), Some(any_part(input)?));
        set.extend(message);
    }
    if input.ratio(1, 8)? {
        set.pop();
    }
    Ok(set)
}

/// A header of which most fields are as brokers write them.
pub fn any_header(input: &mut Unstructured<'_>) -> Result<BatchHeader> {
    let count = input.int_in_range(0..=9)?;
    Ok(BatchHeader {
        base_offset: usual(input, 100)?,
        batch_length: 0,
        partition_leader_epoch: usual(input, 3)?,
        magic: 2,
        crc: 0,
        attributes: usual_attributes(input)?,
        last_offset_delta: usual(input, count - 1)?,
        base_timestamp: usual(input, 1_700_000_000_000)?,
        max_timestamp: usual(input, 1_700_000_000_000)?,
        producer_id: usual(input, 7)?,
        producer_epoch: usual(input, 0)?,
        base_sequence: usual(input, 5)?,
        records_count: usual(input, count)?,
    })
}

fn usual_attributes(input: &mut Unstructured<'_>) -> Result<i16> {
    if input.ratio(15, 16)? { Ok(input.int_in_range(0..=0x7f)?) } else { input.arbitrary() }
}

fn usual<'a, T: Arbitrary<'a>>(input: &mut Unstructured<'a>, usual: T) -> Result<T> {
    if input.ratio(7, 8)? { Ok(usual) } else { input.arbitrary() }
}

fn any_part<'a>(input: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    let size = input.arbitrary_len::<u8>()?;
    input.bytes(size)
}

// -- made

/// A batch with this body: its length and its checksum are made to hold.
pub fn batch_of(header: &BatchHeader, body: &[u8]) -> Vec<u8> {
    let batch_length = (HEADER_SIZE - LOG_OVERHEAD + body.len()) as i32;
    let mut bytes = header_bytes(&BatchHeader { batch_length, ..*header });
    bytes.extend_from_slice(body);
    let crc = crc32c::crc32c(&bytes[CRC_START..]);
    bytes[CRC_START - 4..CRC_START].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// The fields of a header as they lie on the disk.
pub fn header_bytes(header: &BatchHeader) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(header.base_offset.to_be_bytes());
    bytes.extend(header.batch_length.to_be_bytes());
    bytes.extend(header.partition_leader_epoch.to_be_bytes());
    bytes.extend(header.magic.to_be_bytes());
    bytes.extend(header.crc.to_be_bytes());
    bytes.extend(header.attributes.to_be_bytes());
    bytes.extend(header.last_offset_delta.to_be_bytes());
    bytes.extend(header.base_timestamp.to_be_bytes());
    bytes.extend(header.max_timestamp.to_be_bytes());
    bytes.extend(header.producer_id.to_be_bytes());
    bytes.extend(header.producer_epoch.to_be_bytes());
    bytes.extend(header.base_sequence.to_be_bytes());
    bytes.extend(header.records_count.to_be_bytes());
    bytes
}

/// A message of v0 or v1; its size and its checksum are made to hold.
pub fn message_of(magic: i8, attributes: i8, offset: i64, key: Option<&[u8]>, value: Option<&[u8]>) -> Vec<u8> {
    let mut inside = vec![magic.cast_unsigned(), attributes.cast_unsigned()];
    if magic == 1 {
        inside.extend(1_700_000_000_000_i64.to_be_bytes());
    }
    for payload in [key, value] {
        inside.extend(payload.map_or(-1, |payload| payload.len() as i32).to_be_bytes());
        inside.extend(payload.unwrap_or_default());
    }
    let crc = crc32fast::hash(&inside);
    let size = 4 + inside.len() as i32;
    [&offset.to_be_bytes()[..], &size.to_be_bytes(), &crc.to_be_bytes(), &inside].concat()
}

/// A record without a key, of the least varints.
pub fn record_of(offset_delta: u8, value: &[u8]) -> Vec<u8> {
    let mut fields = vec![0, 0, offset_delta << 1, 1];
    fields.extend(varint(value.len() as i32));
    fields.extend(value);
    fields.push(0);
    [varint(fields.len() as i32), fields].concat()
}

/// A signed varint.
pub fn varint(number: i32) -> Vec<u8> {
    let mut rest = ((number << 1) ^ (number >> 31)).cast_unsigned();
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

/// Compressed by a codec, as Kafka's clients do; unknown ones leave the bytes as they are.
pub fn pack(codec: i16, data: &[u8]) -> Vec<u8> {
    match codec {
        1 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(data).and_then(|()| encoder.finish()).expect("memory can be written")
        }
        2 => snap::raw::Encoder::new().compress_vec(data).expect("it is not too long"),
        3 => {
            let options = lz4::EncoderBuilder::new().block_mode(lz4::BlockMode::Independent).build(Vec::new());
            let mut encoder = options.expect("memory can be written");
            encoder.write_all(data).expect("memory can be written");
            encoder.finish().0
        }
        4 => zstd::bulk::compress(data, 1).expect("memory can be written"),
        _ => data.to_vec(),
    }
}

// -- repaired

/// Gives every entry whose frame holds the checksum that it should have.
pub fn repair(data: &mut [u8]) {
    let mut position = 0;
    while position + MAGIC_POSITION < data.len() {
        position += repair_one(&mut data[position..]).unwrap_or(1);
    }
}

/// The size of the entry that begins here, or None where none does.
fn repair_one(data: &mut [u8]) -> Option<usize> {
    let length = i32::from_be_bytes(*data.get(8..)?.first_chunk()?);
    let magic = data[MAGIC_POSITION].cast_signed();
    let least = match magic {
        0 | 1 => MessageHead::least(magic),
        2 => (HEADER_SIZE - LOG_OVERHEAD) as i32,
        _ => return None,
    };
    let entry = data.get_mut(..LOG_OVERHEAD + usize::try_from(length).ok().filter(|_| length >= least)?)?;
    if magic == 2 {
        let crc = crc32c::crc32c(&entry[CRC_START..]);
        entry[CRC_START - 4..CRC_START].copy_from_slice(&crc.to_be_bytes());
    } else {
        let crc = crc32fast::hash(&entry[MESSAGE_CRC_START..]);
        entry[MESSAGE_CRC_START - 4..MESSAGE_CRC_START].copy_from_slice(&crc.to_be_bytes());
    }
    Some(entry.len())
}

/// The streams in the batches of a file, as codec and bytes, for those who want to read streams alone.
pub fn streams(data: &[u8]) -> Vec<(i16, &[u8])> {
    let mut found = Vec::new();
    let mut rest = data;
    while let Some(header) = BatchHeader::read(rest) {
        let size = usize::try_from(header.batch_size()).unwrap_or(0);
        let Some((batch, behind)) = rest.split_at_checked(size).filter(|_| size > HEADER_SIZE) else {
            break;
        };
        if header.magic == 2 && header.attributes & COMPRESSION_MASK != 0 {
            found.push((header.codec(), &batch[HEADER_SIZE..]));
        }
        rest = behind;
    }
    found
}
