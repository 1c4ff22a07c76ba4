using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Crpbot.Codecs.Text;

/// <summary>What is wrong with a gzip file.</summary>
public enum GzipDamage : byte
{
    None = 0,

    /// <summary>The file ends inside a member.</summary>
    Truncated,

    /// <summary>A checksum, a header or the compressed data itself is wrong, or foreign bytes follow.</summary>
    Corrupt,
}

/// <summary>Decompresses a gzip file of one or many members and says whether it was whole.</summary>
/// <remarks>
/// <see cref="GZipStream"/> ends a truncated file without a word, and throws away what it had when a checksum is wrong. This stream
/// inflates with <see cref="DeflateStream"/> and checks the framing itself (RFC 1952): it delivers every byte that could be inflated,
/// then ends with <see cref="Damage"/> set. The end of a member is found by its trailer, the 8 bytes that are known in advance
/// (CRC-32 and length of what was inflated), among the bytes the inflater took last.
/// </remarks>
public sealed class GzipReadStream : Stream
{
    private const int TrailerLength = 8;
    private readonly Stream _compressed;
    private readonly bool _leaveOpen;
    private readonly Feed _feed;
    private readonly Crc32 _crc = new();
    private DeflateStream? _member;
    private uint _memberLength;
    private bool _any;
    private bool _ended;

    /// <param name="compressed">Read from its current position on.</param>
    /// <param name="leaveOpen">Keeps <paramref name="compressed"/> open when this stream is disposed.</param>
    public GzipReadStream(Stream compressed, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(compressed);
        _compressed = compressed;
        _leaveOpen = leaveOpen;
        _feed = new Feed(compressed);
    }

    /// <summary>Final once Read returned 0.</summary>
    public GzipDamage Damage { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>True when the bytes are those a gzip file begins with.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> start) => start.Length >= 2 && start[0] == 0x1F && start[1] == 0x8B;

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (!_ended)
        {
            if (_member is null && !OpenMember())
                return 0;
            int count;
            try
            {
                count = _member!.Read(buffer);
            }
            catch (InvalidDataException)
            {
                return End(GzipDamage.Corrupt);
            }

            if (count > 0)
            {
                _crc.Append(buffer[..count]);
                _memberLength += (uint)count;
                return count;
            }

            if (!CloseMember())
                return 0;
        }

        return 0;
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
        {
            _member?.Dispose();
            _feed.Dispose();
            if (!_leaveOpen)
                _compressed.Dispose();
        }

        base.Dispose(disposing);
    }

    private int End(GzipDamage damage)
    {
        Damage = damage;
        _ended = true;
        return 0;
    }

    /// <summary>Reads a member's header; false at the end of the file, whole or not.</summary>
    private bool OpenMember()
    {
        // Some writers pad the last member with zeros to a block size.
        int first = _feed.TakeByte();
        while (first == 0 && _any)
            first = _feed.TakeByte();
        if (first < 0)
        {
            End(_any ? GzipDamage.None : GzipDamage.Truncated);
            return false;
        }

        GzipDamage damage = ReadHeader(first);
        if (damage != GzipDamage.None)
        {
            End(damage);
            return false;
        }

        _any = true;
        _crc.Reset();
        _memberLength = 0;
        _feed.BeginMember();
        _member = new DeflateStream(_feed, CompressionMode.Decompress, leaveOpen: true);
        return true;
    }

    private GzipDamage ReadHeader(int first)
    {
        int second = _feed.TakeByte();
        if (second < 0)
            return first == 0x1F ? GzipDamage.Truncated : GzipDamage.Corrupt;
        if (first != 0x1F || second != 0x8B)
            return GzipDamage.Corrupt;
        int method = _feed.TakeByte();
        int flags = _feed.TakeByte();
        if (flags < 0)
            return GzipDamage.Truncated;
        if (method != 8 || (flags & 0xE0) != 0)
            return GzipDamage.Corrupt;
        bool whole = _feed.Skip(6);
        if ((flags & 4) != 0)
        {
            int low = _feed.TakeByte();
            int high = _feed.TakeByte();
            whole = high >= 0 && _feed.Skip(low | high << 8);
        }

        if ((flags & 8) != 0)
            whole = _feed.SkipThroughZero();
        if ((flags & 16) != 0)
            whole = _feed.SkipThroughZero();
        if ((flags & 2) != 0)
            whole = _feed.Skip(2);
        return whole ? GzipDamage.None : GzipDamage.Truncated;
    }

    /// <summary>Finds and checks the trailer of the member that just ended; false when it is not there.</summary>
    private bool CloseMember()
    {
        _member!.Dispose();
        _member = null;
        Span<byte> trailer = stackalloc byte[TrailerLength];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _memberLength);
        if (_feed.StarvedAtEnd)
        {
            End(GzipDamage.Truncated);
            return false;
        }

        if (_feed.RewindBehind(trailer))
            return true;
        ReadOnlySpan<byte> tail = _feed.Tail;
        bool hasWholeTrailer = tail.Length >= TrailerLength
            && (tail[^TrailerLength..^4].SequenceEqual(trailer[..4]) || tail[^4..].SequenceEqual(trailer[4..]));
        End(_feed.AtEnd && !hasWholeTrailer ? GzipDamage.Truncated : GzipDamage.Corrupt);
        return false;
    }

    /// <summary>The compressed bytes, with a memory of the last piece the inflater took.</summary>
    private sealed class Feed(Stream source) : Stream
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _start;
        private int _end;

        // The inflater's last piece is _buffer[_pieceStart.._start]; the member ends somewhere in it.
        private int _pieceStart;

        public bool StarvedAtEnd { get; private set; }

        public bool AtEnd { get; private set; }

        /// <summary>The inflater's last piece and all that follows it in the buffer.</summary>
        public ReadOnlySpan<byte> Tail => _buffer.AsSpan(_pieceStart, _end - _pieceStart);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void BeginMember()
        {
            _pieceStart = _start;
            StarvedAtEnd = false;
        }

        public int TakeByte()
        {
            if (_start == _end && !Refill(keepFrom: _start))
                return -1;
            return _buffer[_start++];
        }

        public bool Skip(int count)
        {
            for (; count > 0; count--)
            {
                if (TakeByte() < 0)
                    return false;
            }

            return true;
        }

        public bool SkipThroughZero()
        {
            for (; ; )
            {
                int next = TakeByte();
                if (next <= 0)
                    return next == 0;
            }
        }

        /// <summary>Continues behind the first occurrence of the trailer in the last piece, which it may overhang.</summary>
        public bool RewindBehind(ReadOnlySpan<byte> trailer)
        {
            while (_end - _start < trailer.Length && Refill(keepFrom: _pieceStart))
            {
            }

            int searched = Math.Min(_end, _start + trailer.Length);
            int at = _buffer.AsSpan(_pieceStart, searched - _pieceStart).IndexOf(trailer);
            if (at < 0)
                return false;
            _start = _pieceStart + at + trailer.Length;
            return true;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            // The end of a member may lie in the few bytes before this piece when the inflater had finished exactly there.
            int keepFrom = Math.Max(_pieceStart, _start - TrailerLength);
            if (_start == _end && !Refill(keepFrom))
            {
                StarvedAtEnd = true;
                return 0;
            }

            int count = Math.Min(buffer.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(buffer);
            _pieceStart = Math.Max(_pieceStart, _start - TrailerLength);
            _start += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private bool Refill(int keepFrom)
        {
            int kept = _end - keepFrom;
            if (_end == _buffer.Length)
            {
                Buffer.BlockCopy(_buffer, keepFrom, _buffer, 0, kept);
                _pieceStart = Math.Max(0, _pieceStart - keepFrom);
                _start -= keepFrom;
                _end = kept;
            }

            int count = source.Read(_buffer, _end, _buffer.Length - _end);
            AtEnd = count == 0;
            _end += count;
            return count > 0;
        }
    }
}
