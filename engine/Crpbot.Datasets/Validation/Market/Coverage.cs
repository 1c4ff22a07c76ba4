using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Measures a stream against the interval that was asked for: days, minutes, and why they are absent.</summary>
internal static class Coverage
{
    private const int MinutesPerDay = 1440;

    /// <summary>Trades that a silence must have swallowed, at the usual pace, before trades alone tell that something is missing.</summary>
    private const int TradesSwallowed = 20;

    public static MarketReport Judge(FindingLog log, FeedWatch feed, IReadOnlyList<InstrumentChecks> checks, MarketValidationOptions options, long rows, IReadOnlyList<MinuteRow>? expected)
    {
        IReadOnlyList<MinuteRow> present = feed.Minutes.Sorted();
        UnixNanos from = options.From ?? (feed.IsEmpty ? UnixNanos.None : feed.First.Floor(UnixNanos.PerMinute));
        UnixNanos to = options.To ?? (feed.IsEmpty ? from : feed.Last.Floor(UnixNanos.PerMinute) + UnixNanos.PerMinute);
        var judged = new Span(MinuteOf(from), MinuteOf(to + (UnixNanos.PerMinute - 1)));
        FindOffset(log, present, options);
        InstrumentSeries[] series = [.. checks.Select(check => new InstrumentSeries(
            check.Instrument, check.Trades, check.Updates, check.Minutes.Sorted(), check.Jumps.Jumps))];
        FindAbsent(log, feed, expected is null ? present : WithUnexpected(present, expected, judged), judged, series);
        foreach (InstrumentSeries one in series.Where(one => one.Trades > 0))
            FindWithoutTrades(log, feed, present, one);
        return new MarketReport(new ValidationReport(rows, from, to, log.Findings), present, series);
    }

    /// <summary>An offset that was wrong all the time is told apart from a step by its words, and only where there was no step.</summary>
    private static void FindOffset(FindingLog log, IReadOnlyList<MinuteRow> present, MarketValidationOptions options)
    {
        double[] offsets = [.. present.Select(row => row.Value).Where(double.IsFinite).Order()];
        if (offsets.Length == 0 || !log.IsFirst(FindingCode.ClockJump))
            return;
        double usual = offsets[offsets.Length / 2] * UnixNanos.PerMillisecond;
        if (usual < -options.ClockLeadNanos || usual > options.ClockLagNanos)
        {
            log.Add(FindingCode.ClockJump, TimeOf(present.First(row => double.IsFinite(row.Value)).Minute), 0,
                FormattableString.Invariant($"no step, but receive − exchange is {usual / 1e9:0.000;−0.000} s all the time: one of the clocks is wrong, latencies are not to be believed"),
                severity: Severity.Info);
        }
    }

    /// <summary>Minutes that the stream's companion lacks too were counted there: they pass as present.</summary>
    private static List<MinuteRow> WithUnexpected(IReadOnlyList<MinuteRow> present, IReadOnlyList<MinuteRow> expected, Span judged)
    {
        HashSet<int> wanted = [.. expected.Select(row => row.Minute)];
        wanted.ExceptWith(present.Select(row => row.Minute));
        var result = new List<MinuteRow>();
        for (int minute = judged.From; minute < judged.To; minute++)
        {
            if (!wanted.Contains(minute))
                result.Add(new MinuteRow { Minute = minute });
        }

        return result;
    }

    private static void FindAbsent(FindingLog log, FeedWatch feed, IReadOnlyList<MinuteRow> present, Span judged, InstrumentSeries[] series)
    {
        double pace = feed.IsDense ? double.PositiveInfinity : Median(series.SelectMany(one => one.Minutes).Select(row => row.Count));
        int next = judged.From;
        foreach (MinuteRow row in present)
        {
            if (row.Minute >= judged.To)
                break;
            if (row.Minute > next)
                AddAbsent(log, next, row.Minute, WhyBefore(next, judged, feed), pace);
            next = Math.Max(next, row.Minute + 1);
        }

        if (next < judged.To)
            AddAbsent(log, next, judged.To, "after the last message", pace);
    }

    private static string WhyBefore(int minute, Span judged, FeedWatch feed) =>
        minute == judged.From && new UnixNanos(minute * UnixNanos.PerMinute) < feed.First.Floor(UnixNanos.PerMinute) ? "before the first message"
        : feed.IsDense ? "the feed was down" : "more trades than that are usual";

    /// <summary>Whole days of a run are missing days, the rest missing minutes. Without any other channel a short run may just have had no trades.</summary>
    private static void AddAbsent(FindingLog log, int from, int to, string why, double pace)
    {
        if (pace * (to - from) < TradesSwallowed)
        {
            log.Add(FindingCode.NoTrades, TimeOf(from), 0, $"{to - from} minutes without a trade from {TimeOf(from)}; nothing else tells whether the feed was up", to - from);
            return;
        }

        int firstDay = (from + MinutesPerDay - 1) / MinutesPerDay, endDay = to / MinutesPerDay;
        if (endDay <= firstDay)
        {
            AddMinutes(log, from, to, why);
            return;
        }

        AddMinutes(log, from, firstDay * MinutesPerDay, why);
        log.Add(FindingCode.MissingDay, TimeOf(firstDay * MinutesPerDay), 0, $"no message on {TimeOf(firstDay * MinutesPerDay).ToDateTime():yyyy-MM-dd}: {why}", endDay - firstDay);
        AddMinutes(log, endDay * MinutesPerDay, to, why);
    }

    private static void AddMinutes(FindingLog log, int from, int to, string why)
    {
        if (to > from)
            log.AddMissing(new MinuteRun(TimeOf(from), to - from), $"{to - from} minutes without any message from {TimeOf(from)}: {why}");
    }

    /// <summary>Whole minutes in which something came, but no trade of this Instrument.</summary>
    private static void FindWithoutTrades(FindingLog log, FeedWatch feed, IReadOnlyList<MinuteRow> present, InstrumentSeries one)
    {
        var traded = one.Minutes.Where(row => row.Count > 0).Select(row => row.Minute).ToHashSet();
        foreach (MinuteRow row in present)
        {
            bool isWhole = TimeOf(row.Minute) >= feed.First && TimeOf(row.Minute + 1) <= feed.Last;
            if (isWhole && !traded.Contains(row.Minute) && !feed.WasDown(row.Minute))
                log.Add(FindingCode.NoTrades, TimeOf(row.Minute), 0, $"{one.Instrument.Name}: no trade in the minute of {TimeOf(row.Minute)}, the feed was up");
        }
    }

    private static double Median(IEnumerable<int> values)
    {
        int[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0;
    }

    private static int MinuteOf(UnixNanos time) => (int)(time.Floor(UnixNanos.PerMinute).Value / UnixNanos.PerMinute);

    private static UnixNanos TimeOf(int minute) => new(minute * UnixNanos.PerMinute);

    private readonly record struct Span(int From, int To);
}
