namespace Crpbot.Telemetry;

/// <summary>A stage's latencies at one moment: what reports are made from, and what a <c>.hlog</c> file holds.</summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class LatencyHistogram
{
    private readonly long[] _counts = new long[LatencyBuckets.Count];

    /// <exception cref="ArgumentException">The name is empty or holds a comma, blank or line break, which a log's tag cannot.</exception>
    public LatencyHistogram(string stage)
    {
        CheckName(stage);
        Stage = stage;
    }

    public string Stage { get; }

    public long Count { get; private set; }

    /// <summary>Adds values; from a file, or to merge.</summary>
    public void Add(long nanos, long count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(nanos);
        _counts[LatencyBuckets.IndexOf(Math.Min(nanos, LatencyBuckets.HighestNanos))] += count;
        Count += count;
    }

    /// <summary>Adds another histogram's values.</summary>
    public void Add(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
    }

    /// <summary>The value that the given fraction of all values does not exceed: nearest rank, rounded up to its bucket's end. 0 if empty.</summary>
    /// <param name="fraction">From 0, the least value, to 1, the greatest.</param>
    public long ValueAt(double fraction)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fraction, 1);
        if (Count == 0)
            return 0;

        // 0.999 · 1000 is 999.0000000000001 in floating point; the rank must not become 1000 for it.
        long rank = Math.Clamp((long)Math.Ceiling(Math.BitDecrement(fraction * Count)), 1, Count);
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return LatencyBuckets.HighestOf(i);
        }

        throw new InvalidOperationException("the count is not the sum of the buckets");
    }

    /// <summary>The usual percentiles.</summary>
    public LatencySnapshot Summarize() => new(
        Count, ValueAt(0), ValueAt(.5), ValueAt(.9), ValueAt(.99), ValueAt(.999), ValueAt(.9999), ValueAt(1), Mean());

    /// <summary>Every bucket that holds something, in order: its greatest value, and how many it holds.</summary>
    public IEnumerable<(long Nanos, long Count)> Buckets()
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] != 0)
                yield return (LatencyBuckets.HighestOf(i), _counts[i]);
        }
    }

    internal void Load(long[] counts)
    {
        long total = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            // Each count is read once, so that the total is the sum of what was copied though the recorder goes on.
            long count = Volatile.Read(ref counts[i]);
            _counts[i] = count;
            total += count;
        }

        Count = total;
    }

    internal static void CheckName(string stage)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(stage);
        if (stage.AsSpan().ContainsAny(", \t\r\n"))
            throw new ArgumentException($"the stage name '{stage}' holds a comma, a blank or a line break", nameof(stage));
    }

    private double Mean()
    {
        if (Count == 0)
            return 0;
        double sum = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] != 0)
                sum += (double)LatencyBuckets.MiddleOf(i) * _counts[i];
        }

        return sum / Count;
    }
}
