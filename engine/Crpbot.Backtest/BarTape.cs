using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Backtest;

/// <summary>One Instrument's minutes, column by column, prices in ticks, and what a model said at each close.</summary>
/// <remarks>Row i of every column is one Bar; all columns have the same length. Immutable once built, shared by parallel runs.</remarks>
public sealed class BarTape
{
    public required Instrument Instrument { get; init; }

    /// <summary>Ascending.</summary>
    public required UnixNanos[] OpenTimes { get; init; }

    public required long[] Open { get; init; }

    public required long[] High { get; init; }

    public required long[] Low { get; init; }

    public required long[] Close { get; init; }

    /// <summary>Best bid at the Bar's end; 0 without a valid book.</summary>
    public required long[] EndBid { get; init; }

    /// <summary>Best ask at the Bar's end; 0 without a valid book.</summary>
    public required long[] EndAsk { get; init; }

    /// <summary>Average true range in quote units, for the stop.</summary>
    public required double[] Atr { get; init; }

    /// <summary>Calibrated P(up) said at the close; NaN where the model says nothing.</summary>
    public required double[] ProbabilityUp { get; init; }

    public int Count => OpenTimes.Length;

    /// <summary>The Bar ends with a bid below an ask.</summary>
    public bool IsQuoted(int row) => EndBid[row] > 0 && EndBid[row] < EndAsk[row];

    /// <exception cref="ArgumentException">Columns differ in length, times do not ascend, or a Bar's range does not hold its own prices.</exception>
    public void Validate()
    {
        if (new[] { Open.Length, High.Length, Low.Length, Close.Length, EndBid.Length, EndAsk.Length, Atr.Length, ProbabilityUp.Length }.Any(length => length != Count))
            throw new ArgumentException($"{Instrument}: the columns of a tape must be of one length, {Count}");
        for (int i = 0; i < Count; i++)
        {
            if (i > 0 && OpenTimes[i] <= OpenTimes[i - 1])
                throw new ArgumentException($"{Instrument}: the bar at {OpenTimes[i]} does not follow the one at {OpenTimes[i - 1]}");
            if (Low[i] <= 0 || Low[i] > Math.Min(Open[i], Close[i]) || High[i] < Math.Max(Open[i], Close[i]))
                throw new ArgumentException($"{Instrument}: the bar at {OpenTimes[i]} has open and close outside its own range");
        }
    }
}
