using System.Diagnostics;
using Crpbot.Codecs.Instruments;
using Crpbot.Engine.Sources;
using Crpbot.Engine.Stages;
using Crpbot.Execution;
using Crpbot.MarketData;
using Crpbot.Messages;
using Crpbot.Risk;
using Crpbot.Telemetry;

namespace Crpbot.Engine;

/// <summary>Runs recorded data through an engine, once or several times, and reports what it did.</summary>
public static class Replay
{
    /// <summary>Passes over history (state only) and then the source (decisions), each from a reset state.</summary>
    /// <param name="history">Read before each pass; may be empty.</param>
    /// <param name="passes">1 or more. Their hashes must be equal; the report says so if they are not.</param>
    /// <param name="progress">Told the number of events from time to time, or null.</param>
    public static ReplayReport Run(
        TradingEngine engine, IReadOnlyList<ReplaySource> history, ReplaySource source, int passes = 1, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        var done = new List<ReplayPass>(passes);
        for (int pass = 0; pass < passes; pass++)
        {
            if (pass > 0)
            {
                engine.Reset();
                source.Rewind();
                foreach (ReplaySource past in history)
                    past.Rewind();
            }

            done.Add(RunPass(engine, history, source, progress));
        }

        ReplayReport report = Report(engine, source, done[^1]);
        if (passes > 1)
            report.Passes = done;
        if (done.Select(pass => pass.DecisionHash).Distinct().Count() > 1)
            report.Warnings.Add("the passes decided differently: " + string.Join(", ", done.Select(pass => pass.DecisionHash)));
        return report;
    }

    /// <summary>Runs history through an engine: state is built, nothing is decided.</summary>
    public static void Warm(TradingEngine engine, IReadOnlyList<ReplaySource> history)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(history);
        engine.Receiver.IsHistory = true;
        foreach (ReplaySource past in history)
        {
            while (past.Next(engine.Receiver))
            {
            }
        }

        engine.Receiver.IsHistory = false;
        engine.WaitIdle();
    }

    private static ReplayPass RunPass(TradingEngine engine, IReadOnlyList<ReplaySource> history, ReplaySource source, Action<long>? progress)
    {
        FeedReceiver receiver = engine.Receiver;
        Warm(engine, history);
        long start = Stopwatch.GetTimestamp();
        bool more = true;
        for (int step = 0; more && step < source.WarmupSteps; step++)
            more = source.Next(receiver);
        engine.Pipeline.Mark();
        int gen0 = GC.CollectionCount(0);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        if (progress is null)
        {
            while (more && source.Next(receiver))
            {
            }
        }
        else if (more)
        {
            ReadReporting(source, receiver, progress);
        }

        engine.WaitIdle();
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        gen0 = GC.CollectionCount(0) - gen0;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        engine.Pipeline.Mark();
        engine.WaitIdle();
        // With all stages on this thread their mark and ours measure the same bytes.
        if (engine.Options.Layout != ThreadLayout.Inline)
            allocated += engine.Pipeline.AllocatedBytes;
        return new ReplayPass(seconds, allocated, gen0, engine.DecisionHash);
    }

    private static void ReadReporting(ReplaySource source, FeedReceiver receiver, Action<long> progress)
    {
        int untilReport = 0;
        while (source.Next(receiver))
        {
            if (--untilReport > 0)
                continue;
            untilReport = 4096;
            progress(receiver.Events);
        }
    }

    private static ReplayReport Report(TradingEngine engine, ReplaySource source, ReplayPass last)
    {
        FeedReceiver receiver = engine.Receiver;
        JournalCounts counts = engine.Journal.Counts;
        var report = new ReplayReport
        {
            Frames = source.Frames,
            Events = receiver.Events,
            Trades = receiver.CountOf(MarketEventKind.Trade),
            BookDeltas = receiver.CountOf(MarketEventKind.BookDelta),
            Timers = receiver.CountOf(MarketEventKind.Timer),
            Gaps = receiver.CountOf(MarketEventKind.Gap),
            Dropped = source.Dropped,
            Unknown = source.Unknown,
            Refused = source.Damage.Refused,
            Bytes = source.Bytes,
            FeatureRows = counts.Rows,
            Predictions = counts.Predictions,
            Signals = counts.Signals,
            Orders = counts.Orders,
            Fills = counts.Fills,
            Seconds = last.Seconds,
            EventsPerSecond = receiver.Events / last.Seconds,
            FramesPerSecond = source.Frames / last.Seconds,
            AllocatedBytes = last.AllocatedBytes,
            Gen0 = last.Gen0,
            DecisionHash = last.DecisionHash,
        };
        foreach (Instrument instrument in engine.Options.Instruments.All)
            Add(report, engine, instrument);
        if (engine.Trader is { } trader)
            AddAccount(report, trader);
        foreach (LatencyHistogram stage in engine.Latencies.Snapshot())
            report.Latency[stage.Stage] = LatencyFigures.Of(stage);
        if (receiver.Clock.ClampedTimes > 0)
            report.Warnings.Add($"{receiver.Clock.ClampedTimes} messages had a receive time before the one before them and were clamped");
        if (receiver.Clock.IsOffsetSuspicious)
            report.Warnings.Add($"the local clock is {receiver.Clock.OffsetNanos / 1e9:F3} s from the venue's");
        return report;
    }

    private static void Add(ReplayReport report, TradingEngine engine, Instrument instrument)
    {
        L2Book? book = engine.Books.ReadableBookOf(instrument.Id);
        long bars = engine.BarsOf(instrument);
        report.Bars += bars;
        report.Instruments[instrument.Name] = new InstrumentReport(
            book is null ? null : instrument.Format(book.BestBid.Price), book is null ? null : instrument.Format(book.BestAsk.Price), bars);
        report.LateEvents += engine.Features?.LateEventsOf(instrument.Id) ?? 0;
        if (engine.CrossedStatesOf(instrument) is > 0 and long crossed)
            report.Warnings.Add($"{instrument.Name}: the book was crossed after {crossed} messages");
    }

    private static void AddAccount(ReplayReport report, PaperTrader trader)
    {
        trader.Publish();
        AccountSnapshot account = trader.Account.Read();
        report.Equity = account.Risk.Equity.ToDecimal();
        for (int reason = 0; reason < RefusalReasons.Count; reason++)
        {
            if (account.Refusals[reason] > 0)
                report.Refusals[((RefusalReason)reason).ToString()] = account.Refusals[reason];
        }
    }
}
