using Crpbot.Execution;
using Crpbot.Execution.Signals;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest;

/// <summary>One account, once over a timeline. Tiers, hourly limits, risk check and ledger are the live ones; only the fills are a model.</summary>
/// <remarks>
/// A minute is lived in this order, and nothing in it knows a later one:
/// <code>
///   inside the minute   every position at its worst price ─► floors, emergency;   stops and targets fill
///   its end             every position at its end price   ─► floors
///   250 ms later        midnight, if it has passed; signals of the close ─► risk check ─► entries; horizon and emergency exits
/// </code>
/// One thread; runs over one timeline may go in parallel.
/// </remarks>
internal sealed partial class BarRun
{
    private readonly BarTimeline _line;
    private readonly BacktestOptions _options;
    private readonly RiskChecker _risk;
    private readonly SignalGenerator _generator;
    private readonly Portfolio _portfolio = new();
    private readonly Market[] _markets;
    private readonly long _slippage;
    private readonly long _halfSpread;

    private readonly List<BacktestTrade> _trades = [];
    private readonly List<(UnixNanos Time, Notional Equity)> _curve = [];
    private readonly List<AccountStep>? _steps;
    private readonly long[] _signals = new long[4];
    private readonly long[] _suppressed = new long[4];
    private RefusalCounts _refusals;
    private UnixNanos _now;
    private UnixNanos? _breachTime;
    private long _minutesHeld;
    private bool _emergency;

    /// <param name="line">Shared, never changed.</param>
    /// <param name="limits">With the commission that is to be billed.</param>
    /// <param name="options">Validated by the caller.</param>
    public BarRun(BarTimeline line, RiskLimits limits, BacktestOptions options)
    {
        (_line, _options) = (line, options);
        _risk = new RiskChecker(limits);
        _generator = new SignalGenerator(options.Signals);
        _markets = [.. line.Tapes.Select(tape => new Market(tape, new InstrumentTerms(tape.Instrument, limits.ContractOf(tape.Instrument.Symbol))))];
        _slippage = RiskLimits.Billionths(options.Slippage);
        _halfSpread = RiskLimits.Billionths(options.StatedSpread) / 2;
        _steps = options.KeepsSteps ? [] : null;
    }

    /// <summary>Opens the account and lives from one minute of the timeline to its end, to a pass or to a breach.</summary>
    public BacktestResult Run(int firstMinute = 0)
    {
        UnixNanos start = _line.Minutes[firstMinute];
        _risk.OpenAccount(start);
        _portfolio.Open(_risk.State.Balance);
        BeginDays();
        RunEnd end = RunEnd.EndOfTape;
        int m = firstMinute;
        for (; m < _line.Minutes.Length; m++)
        {
            Live(m);
            if (_portfolio.OpenPositions > 0)
                continue;
            if (_risk.IsBreached || IsPassed)
            {
                end = _risk.IsBreached ? RunEnd.Breached : RunEnd.Passed;
                break;
            }

            // Nothing is held: nothing can happen before the next opinion, except midnights, which need no minute of the tape.
            m = _line.NextOpinion(m + 1) - 1;
        }

        int last = Math.Min(m, _line.Minutes.Length - 1);
        CloseAtEnd();
        UnixNanos finish = _line.Minutes[last] + (UnixNanos.PerMinute - 1);
        if (finish > _now)
            Advance(finish);
        FinishDay();
        return new BacktestResult
        {
            End = end,
            Initial = _portfolio.Opening,
            FinalEquity = _portfolio.Equity,
            Trades = _trades,
            Days = _days,
            Curve = _curve,
            MaxDrawdown = _maxDrawdown,
            BreachTime = _breachTime,
            Minutes = last - firstMinute + 1,
            MinutesHeld = _minutesHeld,
            Signals = _signals,
            Suppressed = _suppressed,
            Refusals = _refusals,
            TradingDays = _risk.State.TradingDays,
            Steps = _steps ?? [],
        };
    }

    private bool IsPassed => _risk.Limits.ProfitTarget > 0 && _risk.State.TradingDays >= _risk.Limits.MinTradingDays
        && _portfolio.Balance >= _portfolio.Opening + _portfolio.Opening.TimesBillionthsDown(RiskLimits.Billionths(_risk.Limits.ProfitTarget));

    private void Live(int minute)
    {
        UnixNanos end = _line.Minutes[minute] + UnixNanos.PerMinute;
        if (_portfolio.OpenPositions > 0)
        {
            _minutesHeld++;
            Advance(end - 1);
            LiveInside(minute);
            MarkAtEnd(minute);
        }

        Advance(end + _options.DecisionDelayNanos);
        _emergency = _portfolio.OpenPositions > 0 && (_emergency || _risk.MustFlatten);
        Decide(minute);
        if (_portfolio.OpenPositions > 0)
            Exit(minute);
        TakeNotices();
    }

    private void Advance(UnixNanos now)
    {
        _now = now;
        _risk.OnTime(now);
        _steps?.Add(new AccountStep { Kind = AccountStepKind.Time, Time = now });
        if (_risk.State.Day != _day)
            ChangeDay();
    }

    /// <summary>Worst prices first, all Instruments together, then the stops and targets that the minute reached.</summary>
    private void LiveInside(int minute)
    {
        bool exits = false;
        for (int i = 0; i < _markets.Length; i++)
        {
            ref Market market = ref _markets[i];
            int row = _line.Row(i, minute);
            long lots = _portfolio[market.Id].Lots;
            if (lots == 0 || row < 0)
                continue;
            market.Row = row;
            market.Touched = BarFills.Touch(market.Tape, row, lots > 0, market.Stop.Ticks, market.Target.Ticks, out long price, out long worst);
            market.TouchPrice = new Price(price);
            exits |= market.Touched != OrderPurpose.Open;
            _portfolio.Mark(market.Id, new Price(worst), new Price(worst), market.Terms);
        }

        TellAccount();
        _emergency |= _risk.MustFlatten;
        if (!exits)
            return;
        for (int i = 0; i < _markets.Length; i++)
        {
            ref Market market = ref _markets[i];
            if (market.Touched == OrderPurpose.Open)
                continue;
            Close(ref market, market.Row, market.TouchPrice, market.Touched, slippage: market.Touched == OrderPurpose.Stop ? _slippage : 0);
            market.Touched = OrderPurpose.Open;
        }
    }

    private void MarkAtEnd(int minute)
    {
        for (int i = 0; i < _markets.Length; i++)
        {
            ref Market market = ref _markets[i];
            int row = _line.Row(i, minute);
            if (row < 0 || _portfolio[market.Id].IsFlat || !market.CanTrade(row))
                continue;
            (Price bid, Price ask) = market.Quote(row, _halfSpread);
            _portfolio.Mark(market.Id, bid, ask, market.Terms);
        }

        TellAccount();
    }

    /// <summary>What the model said at the closes of a minute, through tiers, limits and the risk check.</summary>
    private void Decide(int minute)
    {
        if (_line.NextOpinion(minute) != minute)
            return;
        for (int i = 0; i < _markets.Length; i++)
        {
            ref Market market = ref _markets[i];
            int row = _line.Row(i, minute);
            if (row < 0)
                continue;
            var prediction = new Prediction
            {
                BarOpenTime = _line.Minutes[minute],
                Time = _now,
                Instrument = market.Id,
                HorizonBars = _options.HorizonBars,
                ProbabilityUp = new ProbabilityUp(market.Tape.ProbabilityUp[row]),
            };
            if (!_generator.OnPrediction(prediction, new Price(market.Tape.Close[row]), market.Tape.Atr[row], out Signal signal))
                continue;
            _signals[(int)signal.Tier]++;
            if (signal.Suppression == SignalSuppression.None)
                Open(ref market, row, signal);
            else if (signal.Suppression != SignalSuppression.LoggedOnly)
                _suppressed[(int)signal.Tier]++;
        }
    }

    private void Open(ref Market market, int row, in Signal signal)
    {
        (Price bid, Price ask) = market.Quote(row, _halfSpread);
        var view = new MarketView { BestBid = bid, BestAsk = ask, LastAlive = _now, IsReadable = market.CanTrade(row) };
        OrderRequest request = SignalOrder.Of(signal, bid, ask, market.Terms, _options.Execution);
        RefreshExposures();
        RiskVerdict verdict = _risk.Check(request, market.Terms, view, out RiskApproved<OrderRequest> approved);
        _steps?.Add(new AccountStep(
            AccountStepKind.Verdict, _now, _portfolio.Balance, _portfolio.Equity, market.Id, request.Side, verdict.Entry, request.Stop, verdict.Quantity, verdict.Reason, default, default));
        if (approved.IsApproved)
            Enter(ref market, row, approved.Value, signal);
        else
            _refusals[(int)verdict.Reason]++;
    }

    /// <summary>Closes what the emergency or the horizon says, at the end of the minute.</summary>
    private void Exit(int minute)
    {
        for (int i = 0; i < _markets.Length; i++)
        {
            ref Market market = ref _markets[i];
            int row = _line.Row(i, minute);
            if (row < 0 || _portfolio[market.Id].IsFlat || !market.CanTrade(row))
                continue;
            bool emergency = _emergency && (market.EntryTime != _now || _risk.MustFlatten);
            if (emergency || _now >= market.ExitTime)
                CloseAtMarket(ref market, row, emergency ? OrderPurpose.EmergencyFlatten : OrderPurpose.HorizonExit);
        }
    }

    private void CloseAtMarket(ref Market market, int row, OrderPurpose why)
    {
        long lots = _portfolio[market.Id].Lots;
        var request = new OrderRequest
        {
            Time = _now,
            Quantity = new Quantity(Math.Abs(lots)),
            Instrument = market.Id,
            Side = lots > 0 ? Side.Sell : Side.Buy,
            Tier = market.Tier,
            Purpose = why,
        };
        RiskVerdict verdict = _risk.CheckClose(request, lots, 0, out RiskApproved<OrderRequest> approved);
        if (!approved.IsApproved)
            _refusals[(int)verdict.Reason]++;
        else
            Close(ref market, row, market.MarketPrice(row, approved.Value.Side), why, market.CrossingCost(row, _slippage, _halfSpread));
    }

    /// <summary>The tape is over: what is still held is sold at its last prices, so that the fills make up the whole result.</summary>
    private void CloseAtEnd()
    {
        for (int i = 0; i < _markets.Length; i++)
        {
            ref Market market = ref _markets[i];
            if (!_portfolio[market.Id].IsFlat)
                CloseAtMarket(ref market, market.Tape.Count - 1, OrderPurpose.Flatten);
        }
    }

    private void RefreshExposures()
    {
        if (_portfolio.OpenPositions == 0)
            return;
        for (int i = 0; i < _markets.Length; i++)
        {
            ref Market market = ref _markets[i];
            ref readonly Position position = ref _portfolio[market.Id];
            if (!position.IsFlat)
                _risk.OnExposure(market.Id, position.ExposureTo(market.Stop, market.Terms, _risk.CommissionBillionths));
        }
    }

    private void TakeNotices()
    {
        while (_risk.TryTakeNotice(out RiskNotice notice))
        {
            if (notice.Kind is RiskNoticeKind.DailyBreach or RiskNoticeKind.TotalBreach)
                _breachTime ??= notice.Time;
        }
    }
}
