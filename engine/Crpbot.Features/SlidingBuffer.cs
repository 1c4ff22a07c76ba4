using System.Diagnostics;

namespace Crpbot.Features;

/// <summary>The most recent values as one contiguous span, oldest first: no wrap-around for kernels to mind.</summary>
/// <remarks>Appends until the array ends, then moves the last window to its front: one copied value per append, amortised.</remarks>
internal sealed class SlidingBuffer(int window)
{
    private readonly double[] _values = new double[Math.Max(64, window * 4)];
    private int _end;

    /// <summary>Values appended since the start, at most the window.</summary>
    public int Count { get; private set; }

    public void Append(double value)
    {
        if (_end == _values.Length)
        {
            _values.AsSpan(_end - Count, Count).CopyTo(_values);
            _end = Count;
        }

        _values[_end++] = value;
        if (Count < window)
            Count++;
    }

    public ReadOnlySpan<double> Last(int count)
    {
        Debug.Assert(count <= Count);
        return _values.AsSpan(_end - count, count);
    }

    public void Clear() => _end = Count = 0;

    public void Save(BinaryWriter writer)
    {
        writer.Write(Count);
        foreach (double value in Last(Count))
            writer.Write(value);
    }

    public void Load(BinaryReader reader)
    {
        Clear();
        for (int left = Checkpoint.ReadCount(reader, window); left > 0; left--)
            Append(reader.ReadDouble());
    }
}
