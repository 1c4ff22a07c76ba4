using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>Features of a whole history at once. Each batch runs the streaming class, so the rows agree to the last bit.</summary>
public static class FeatureBatch
{
    /// <summary>Computes the 33 candle features of one Instrument's Bars.</summary>
    /// <param name="openTimes">Ascending, on whole minutes; a minute left out is a missing Bar. Length N, as of the five that follow.</param>
    /// <param name="values">Receives N rows of 33. The row of an impossible Bar is NaN, reason FeedDown.</param>
    /// <param name="inputs">Receives N rows of 33.</param>
    /// <param name="reasons">Receives N rows of 33.</param>
    /// <param name="flags">Receives N flags; an impossible Bar has Warmup.</param>
    /// <returns>How many Bars were impossible.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public static int Candles(
        ReadOnlySpan<UnixNanos> openTimes, ReadOnlySpan<double> open, ReadOnlySpan<double> high, ReadOnlySpan<double> low,
        ReadOnlySpan<double> close, ReadOnlySpan<double> volume,
        Span<double> values, Span<double> inputs, Span<MissingReason> reasons, Span<FeatureRowFlags> flags)
    {
        const int width = FeatureSchema.CandleCount;
        int bars = openTimes.Length;
        if (open.Length != bars || high.Length != bars || low.Length != bars || close.Length != bars || volume.Length != bars)
            throw new ArgumentException($"{bars} open times need as many opens, highs, lows, closes and volumes", nameof(open));
        if (values.Length != bars * width || inputs.Length != bars * width || reasons.Length != bars * width || flags.Length != bars)
            throw new ArgumentException($"{bars} Bars need {bars * width} values, inputs and reasons, and {bars} flags", nameof(values));

        var features = new CandleFeatures();
        int refused = 0;
        for (int i = 0; i < bars; i++)
        {
            Span<double> row = values.Slice(i * width, width);
            Span<double> rowInputs = inputs.Slice(i * width, width);
            Span<MissingReason> rowReasons = reasons.Slice(i * width, width);
            if (features.Apply(open[i], high[i], low[i], close[i], volume[i], openTimes[i], row, rowInputs, rowReasons))
            {
                flags[i] = features.Flags;
                continue;
            }

            row.Fill(double.NaN);
            rowInputs.Fill(double.NaN);
            rowReasons.Fill(MissingReason.FeedDown);
            flags[i] = FeatureRowFlags.Warmup;
            refused++;
        }

        return refused;
    }

    /// <summary>Runs an engine over events, Timers included, and keeps every row.</summary>
    /// <param name="engine">Fresh, or at the state the events continue.</param>
    /// <param name="events">In the order of the stream.</param>
    public static List<FeatureRow> Rows(FeatureEngine engine, ReadOnlySpan<MarketEvent> events)
    {
        ArgumentNullException.ThrowIfNull(engine);
        List<FeatureRow> rows = [];
        var row = new FeatureRow();
        foreach (ref readonly MarketEvent e in events)
        {
            engine.Apply(e);
            if (e.Kind != MarketEventKind.Timer || !engine.CloseBar(e, row))
                continue;
            rows.Add(row);
            row = new FeatureRow();
        }

        return rows;
    }
}
