using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>What one minute of the book left behind: everything M1 to M7, M14, M15, M18 and M20 need.</summary>
/// <remarks>Quantities in lots, prices in ticks. Reused; no allocation after construction.</remarks>
internal sealed class BookMinute
{
    /// <summary>Instants of the grid: 0 is the state just before the minute, 60 the one just before its end.</summary>
    public const int GridPoints = 61;

    /// <summary>Borders of the 5-second buckets, first and last included.</summary>
    public const int Borders = 13;

    /// <summary>Best bid + best ask in ticks at each grid instant; 0 where the book was not valid.</summary>
    public readonly long[] GridMids = new long[GridPoints];

    /// <summary>The same just before each border.</summary>
    public readonly long[] BorderMids = new long[Borders];

    public long OpenTime = long.MinValue;

    /// <summary>Nanoseconds with a valid book.</summary>
    public double Coverage;

    /// <summary>∫ (B1 − A1)/(B1 + A1), ∫ (B1 + A1), ∫ Σ of ten levels' quantities, over nanoseconds.</summary>
    public double TouchImbalance;
    public double TouchLots;
    public double DepthLots;

    /// <summary>Weighted Welford of the quoted spread in bps: weight, mean, sum of squares.</summary>
    public double SpreadWeight;
    public double SpreadMean;
    public double SpreadSquares;

    /// <summary>Σ e_n of the touch and of all ten levels.</summary>
    public double FlowTouch;
    public double FlowDepth;

    /// <summary>Sums over the valid grid instants.</summary>
    public int GridValid;
    public int GridInBand;
    public int GridTruncated;
    public double ImbalanceFive;
    public double ImbalanceBand;
    public double BandTickLots;

    /// <summary>Microprice deviation of the last valid state, in bps; NaN before the first.</summary>
    public double MicropriceDeviation = double.NaN;

    /// <summary>Best prices at the end; zero when the book was not valid.</summary>
    public Price EndBid;
    public Price EndAsk;

    public void Clear(long openTime)
    {
        OpenTime = openTime;
        GridMids.AsSpan().Clear();
        BorderMids.AsSpan().Clear();
        Coverage = TouchImbalance = TouchLots = DepthLots = SpreadWeight = SpreadMean = SpreadSquares = FlowTouch = FlowDepth = 0;
        GridValid = GridInBand = GridTruncated = 0;
        ImbalanceFive = ImbalanceBand = BandTickLots = 0;
        MicropriceDeviation = double.NaN;
        (EndBid, EndAsk) = (default, default);
    }

    public void AddSpread(double bps, double nanos)
    {
        // Written so that no rounding can make the sum of squares negative.
        double before = SpreadWeight;
        SpreadWeight += nanos;
        double difference = bps - SpreadMean;
        SpreadMean += difference * nanos / SpreadWeight;
        SpreadSquares += difference * difference * nanos * (before / SpreadWeight);
    }

    public void Save(BinaryWriter writer)
    {
        foreach (long mid in GridMids)
            writer.Write(mid);
        foreach (long mid in BorderMids)
            writer.Write(mid);
        foreach (double value in (ReadOnlySpan<double>)
            [
                Coverage, TouchImbalance, TouchLots, DepthLots, SpreadWeight, SpreadMean, SpreadSquares, FlowTouch, FlowDepth,
                ImbalanceFive, ImbalanceBand, BandTickLots, MicropriceDeviation,
            ])
        {
            writer.Write(value);
        }

        foreach (long value in (ReadOnlySpan<long>)[OpenTime, GridValid, GridInBand, GridTruncated, EndBid.Ticks, EndAsk.Ticks])
            writer.Write(value);
    }

    public void Load(BinaryReader reader)
    {
        foreach (ref long mid in GridMids.AsSpan())
            mid = reader.ReadInt64();
        foreach (ref long mid in BorderMids.AsSpan())
            mid = reader.ReadInt64();
        (Coverage, TouchImbalance, TouchLots, DepthLots) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        (SpreadWeight, SpreadMean, SpreadSquares) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        (FlowTouch, FlowDepth) = (reader.ReadDouble(), reader.ReadDouble());
        (ImbalanceFive, ImbalanceBand, BandTickLots) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        (MicropriceDeviation, OpenTime) = (reader.ReadDouble(), reader.ReadInt64());
        (GridValid, GridInBand, GridTruncated) = ((int)reader.ReadInt64(), (int)reader.ReadInt64(), (int)reader.ReadInt64());
        (EndBid, EndAsk) = (new(reader.ReadInt64()), new(reader.ReadInt64()));
    }
}
