using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>A stream's findings, with what its page draws.</summary>
public sealed class MarketReport
{
    internal MarketReport(ValidationReport report, IReadOnlyList<MinuteRow> minutes, IReadOnlyList<InstrumentSeries> series) =>
        (Report, Minutes, Series) = (report, minutes, series);

    public ValidationReport Report { get; }

    /// <summary>Minutes in which anything came.</summary>
    internal IReadOnlyList<MinuteRow> Minutes { get; }

    internal IReadOnlyList<InstrumentSeries> Series { get; }
}

/// <summary>One Instrument's minutes.</summary>
internal sealed record InstrumentSeries(
    Instrument Instrument, long Trades, long Updates, IReadOnlyList<MinuteRow> Minutes, IReadOnlyList<(UnixNanos Time, long Ticks)> Jumps);
