using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Feature rows of one or more Instruments in order of time, then of the Instruments' names.</summary>
/// <remarks>
/// <code>
///   while (source.Read())
///       writer.Write(source.Symbol, source.Row, source.EndBid, source.EndAsk);
/// </code>
/// One owner, memory bounded by the Instruments, not by the rows.
/// </remarks>
public abstract class FeatureRowSource : IDisposable
{
    /// <param name="range">Which Bars are wanted.</param>
    protected FeatureRowSource(BarRange range) => Range = range;

    /// <summary>Rows outside are computed and not given out: they warm up the ones inside.</summary>
    public BarRange Range { get; }

    /// <summary><c>venue:SYMBOL</c> of the row read last.</summary>
    public abstract string Symbol { get; }

    /// <summary>The row read last; overwritten by the next.</summary>
    public abstract FeatureRow Row { get; }

    /// <summary>Best bid at the Bar's end in quote units; NaN without a valid book.</summary>
    public abstract double EndBid { get; }

    /// <summary>Best ask.</summary>
    public abstract double EndAsk { get; }

    /// <summary>Events or candles read so far.</summary>
    public abstract long EventsRead { get; }

    /// <summary>Reads the next row of the range; false at the end.</summary>
    public abstract bool Read();

    /// <summary>Adds what the source counted beside its rows.</summary>
    public abstract void Describe(FeatureBuildReport report);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>Bars by their open time.</summary>
/// <param name="From">First open time, inclusive.</param>
/// <param name="To">Open time to end before.</param>
public readonly record struct BarRange(UnixNanos From, UnixNanos To)
{
    public static readonly BarRange All = new(new(long.MinValue), new(long.MaxValue));

    public bool Contains(UnixNanos openTime) => openTime >= From && openTime < To;
}
