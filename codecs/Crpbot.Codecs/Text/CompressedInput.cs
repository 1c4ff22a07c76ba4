namespace Crpbot.Codecs.Text;

/// <summary>Opens a stream as text, decompressing it when it begins with gzip's magic.</summary>
public static class CompressedInput
{
    /// <param name="stream">Its first two bytes are looked at; it need not be seekable.</param>
    /// <param name="gzip">The decompressor, to be asked for damage at the end; null for plain input.</param>
    public static Stream Open(Stream stream, out GzipReadStream? gzip)
    {
        byte[] start = new byte[2];
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        Stream whole;
        if (stream.CanSeek)
        {
            stream.Seek(-count, SeekOrigin.Current);
            whole = stream;
        }
        else
        {
            whole = new PrefixedStream(start.AsMemory(0, count), stream);
        }

        gzip = GzipReadStream.HasMagic(start.AsSpan(0, count)) ? new GzipReadStream(whole) : null;
        return gzip ?? whole;
    }

    /// <summary>A few bytes already taken from a pipe, then the rest of it.</summary>
    private sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> _prefix = prefix;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_prefix.IsEmpty)
                return rest.Read(buffer);
            int count = Math.Min(buffer.Length, _prefix.Length);
            _prefix.Span[..count].CopyTo(buffer);
            _prefix = _prefix[count..];
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                rest.Dispose();
            base.Dispose(disposing);
        }
    }
}
