using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Crpbot.Codecs.Captures;

/// <summary>Reads one column front to back, a chunk at a time. Reused from block to block; allocates only at construction.</summary>
internal sealed class ColumnReader
{
    /// <summary>Values decoded at once: small enough that nine columns' chunks stay in the second-level cache.</summary>
    public const int Chunk = 512;

    private readonly long[] _values = new long[Chunk];
    private int _next;
    private int _filled;
    private int _undecoded;
    private readonly PackedColumnReader _packed = new();
    private ColumnEncoding _encoding;
    private byte[] _body = [];
    private long _scale;
    private long _minimum;
    private int _width;
    private int _position;

    /// <summary>Opens the column at the source's position, which moves behind it.</summary>
    /// <param name="source">Over <paramref name="body"/>.</param>
    /// <param name="body">Followed by at least <see cref="PackedColumnReader.Slack"/> readable bytes.</param>
    /// <param name="count">Values in the column.</param>
    /// <exception cref="MalformedBlockException">The bytes are no column.</exception>
    public void Open(ref ByteSource source, byte[] body, int count)
    {
        (_body, _undecoded, _next, _filled) = (body, count, 0, 0);
        _encoding = (ColumnEncoding)source.Byte();
        switch (_encoding)
        {
            case ColumnEncoding.Constant:
                _minimum = source.VarInt();
                break;
            case ColumnEncoding.Bytes:
                _scale = (long)source.VarUInt();
                _width = source.Byte();
                _minimum = source.VarInt();
                if (_width is not (1 or 2 or 4 or 8))
                    throw new MalformedBlockException($"a column of {_width}-byte values is unknown");
                _position = source.Position;
                source.Bytes(checked(count * _width));
                break;
            case ColumnEncoding.Packed:
                _scale = (long)source.VarUInt();
                _packed.Open(ref source, count);
                break;
            default:
                throw new MalformedBlockException($"column encoding {(byte)_encoding} is unknown; a newer version wrote this capture");
        }
    }

    /// <summary>The next value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next()
    {
        if (_next == _filled)
            Refill();
        return Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_values), _next++);
    }

    /// <summary>Between one and <paramref name="limit"/> values that follow; they count as read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<long> Take(int limit)
    {
        if (_next == _filled)
            Refill();
        int taken = Math.Min(limit, _filled - _next);
        ReadOnlySpan<long> values = _values.AsSpan(_next, taken);
        _next += taken;
        return values;
    }

    /// <summary>Values left, decoded or not.</summary>
    public int Remaining => _filled - _next + _undecoded;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refill()
    {
        if (_undecoded == 0)
            throw new MalformedBlockException("a column has fewer values than its block needs");
        int count = Math.Min(Chunk, _undecoded);
        Span<long> values = _values.AsSpan(0, count);
        switch (_encoding)
        {
            case ColumnEncoding.Constant:
                values.Fill(_minimum);
                break;
            case ColumnEncoding.Bytes:
                ReadBytes(values);
                break;
            default:
                _packed.Read(_body, values, _scale);
                break;
        }

        (_next, _filled) = (0, count);
        _undecoded -= count;
    }

    private void ReadBytes(Span<long> values)
    {
        ReadOnlySpan<byte> bytes = _body.AsSpan(_position, values.Length * _width);
        _position += bytes.Length;
        switch (_width)
        {
            case 1:
                for (int i = 0; i < values.Length; i++)
                    values[i] = (bytes[i] + _minimum) * _scale;
                break;
            case 2:
                Widen(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                break;
            case 4:
                Widen(MemoryMarshal.Cast<byte, uint>(bytes), values);
                break;
            default:
                Widen(MemoryMarshal.Cast<byte, ulong>(bytes), values);
                break;
        }
    }

    private void Widen(ReadOnlySpan<ushort> bytes, Span<long> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (bytes[i] + _minimum) * _scale;
    }

    private void Widen(ReadOnlySpan<uint> bytes, Span<long> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (bytes[i] + _minimum) * _scale;
    }

    private void Widen(ReadOnlySpan<ulong> bytes, Span<long> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = ((long)bytes[i] + _minimum) * _scale;
    }
}
