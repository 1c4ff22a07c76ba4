using System.Diagnostics;
using System.Globalization;
using Crpbot.Engine;
using Crpbot.Engine.Live;
using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;
using Crpbot.Simulation;
using Crpbot.Telemetry;
using Spectre.Console;

namespace Crpbot.Cli.Demo;

/// <summary>One screen, four times a second on a terminal; a line every five seconds elsewhere. Reads snapshots, never a stage.</summary>
internal sealed class DemoView(TradingEngine engine, LiveFeed feed, DemoOptions options, MarketClock clock)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _framesBefore;
    private double _secondsBefore;
    private double _rate;

    public async Task ShowAsync(Task connection)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            while (!connection.IsCompleted)
            {
                await Task.WhenAny(connection, Task.Delay(TimeSpan.FromSeconds(5))).ConfigureAwait(false);
                Console.Out.WriteLine(Line());
            }

            return;
        }

        await AnsiConsole.Live(Screen()).AutoClear(true).StartAsync(async live =>
        {
            while (!connection.IsCompleted)
            {
                live.UpdateTarget(Screen());
                await Task.WhenAny(connection, Task.Delay(TimeSpan.FromMilliseconds(250))).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private string Line()
    {
        MeasureRate();
        LiveState state = engine.Live;
        AccountSnapshot account = engine.Account;
        return $"  {clock.Now.ToDateTime():MM-dd HH:mm:ss}  {_rate,7:N0} msg/s  {state.Bars} bars, {state.Predictions} predictions, {state.Signals} signals, "
            + $"{account.Orders} orders, {account.Fills} fills, {account.Refusals.Total} refused  equity {Ledger.Money(account.Risk.Equity)}";
    }

    private Rows Screen()
    {
        MeasureRate();
        LiveState state = engine.Live;
        AccountSnapshot account = engine.Account;
        double left = Math.Max(0, options.Seconds - Stopwatch.GetElapsedTime(_start).TotalSeconds);
        return new Rows(
            new Markup($"[bold]crpbot demo[/]  market {clock.Now.ToDateTime():yyyy-MM-dd HH:mm:ss} UTC × {options.Speed:G}  seed {options.Seed}  {left:F0} s left"),
            new Columns(Flow(state, account), Money(account)),
            Positions(),
            Signals(state),
            Latency());
    }

    private Panel Flow(in LiveState state, in AccountSnapshot account)
    {
        var table = new Grid().AddColumn().AddColumn(new GridColumn().RightAligned());
        table.AddRow("messages/s", $"{_rate:N0}").AddRow("messages", $"{feed.Frames:N0}").AddRow("refused by parser", $"{feed.Damage.Refused:N0}");
        table.AddRow("bars", $"{state.Bars:N0}").AddRow("predictions", $"{state.Predictions:N0}").AddRow("signals", $"{state.Signals:N0}");
        table.AddRow("orders / fills", $"{account.Orders:N0} / {account.Fills:N0}");
        return new Panel(table).Header("flow");
    }

    private static Panel Money(in AccountSnapshot account)
    {
        var table = new Grid().AddColumn().AddColumn(new GridColumn().RightAligned());
        table.AddRow("equity", Ledger.Money(account.Risk.Equity)).AddRow("balance", Ledger.Money(account.Risk.Balance)).AddRow("fees", Ledger.Money(account.Commissions));
        table.AddRow("daily floor", Ledger.Money(account.Risk.DailyFloor)).AddRow("total floor", Ledger.Money(account.Risk.TotalFloor));
        string refusals = "none";
        if (account.Refusals.Total > 0)
        {
            RefusalCounts counts = account.Refusals;
            refusals = string.Join('\n', Enumerable.Range(0, RefusalReasons.Count).Where(reason => counts[reason] > 0).Select(reason => $"{(RefusalReason)reason} {counts[reason]}"));
        }

        table.AddRow("refusals", refusals);
        return new Panel(table).Header("account, ftmo-2step");
    }

    private Table Positions()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("position", "quantity", "mark", "open profit");
        PositionsState open = engine.Positions;
        for (int i = 0; i < open.Count; i++)
        {
            OpenPosition position = open.Positions[i];
            var instrument = engine.Options.Instruments[position.Instrument];
            table.AddRow(instrument.Symbol, instrument.Lot.Format(position.Lots), instrument.Format(position.Mark), Ledger.Money(position.Unrealized));
        }

        return open.Count > 0 ? table : table.AddRow("flat", "", "", "");
    }

    private Table Signals(LiveState state)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("signal", "instrument", "side", "confidence", "tier", "");
        for (int i = 0; i < RecentSignals.Count; i++)
        {
            Signal signal = state.Recent[i];
            if (signal.Instrument.Value == 0)
                continue;
            table.AddRow(signal.Time.ToDateTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture), engine.Options.Instruments[signal.Instrument].Symbol, signal.Side.ToString(),
                signal.Confidence.Value.ToString("P1", CultureInfo.InvariantCulture), signal.Tier.ToString(), signal.Suppression == SignalSuppression.None ? "to risk" : signal.Suppression.ToString());
        }

        return table;
    }

    private Panel Latency()
    {
        IReadOnlyList<LatencyHistogram> stages = engine.Latencies.Snapshot();
        return new Panel(new Text(stages.Count == 0 ? "nothing yet" : LatencyReport.Table(stages).TrimEnd())).Header("latency");
    }

    private void MeasureRate()
    {
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        if (seconds - _secondsBefore < 0.9)
            return;
        long frames = feed.Frames;
        _rate = (frames - _framesBefore) / (seconds - _secondsBefore);
        (_framesBefore, _secondsBefore) = (frames, seconds);
    }
}
