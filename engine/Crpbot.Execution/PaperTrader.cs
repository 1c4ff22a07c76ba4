using System.Runtime.CompilerServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Execution.Paper;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution;

/// <summary>The execution stage: signals in, risk-checked orders out to the paper venue, fills into the ledger, the ledger into the risk check.</summary>
/// <remarks>
/// One thread gives it every event in ring order, and after an event the signals decided on it. Reads no clock; the same events give
/// the same records. Allocates when it first sees an Instrument, and nothing after. Events flagged History only build books; the
/// account opens, or is restored, at the first event that is not. Other threads read <see cref="Account"/>.
/// </remarks>
public sealed partial class PaperTrader
{
    private readonly PaperVenue _venue;
    private readonly RiskChecker _risk;
    private readonly Portfolio _portfolio = new();
    private readonly ExecutionOptions _options;
    private readonly long _exitRetryNanos;
    private ExitPlan[] _plans = [];
    private UnixNanos _now;
    private UnixNanos _nextExit = Never;
    private bool _isHistory = true;
    private bool _killPending;
    private bool _publishDue;

    private long _orders;
    private long _fills;
    private long _closed;
    private long _won;
    private RefusalCounts _refusals;

    private static readonly UnixNanos Never = new(long.MaxValue);

    /// <param name="instruments">The process's table; Instruments may be added to it while this runs.</param>
    /// <param name="limits">A preset of <see cref="RiskPresets"/>, or a file's.</param>
    /// <param name="options">Exit rules and latency.</param>
    /// <param name="store">Null for replays, which keep nothing.</param>
    public PaperTrader(InstrumentTable instruments, RiskLimits limits, ExecutionOptions? options = null, IRiskStateStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(instruments);
        _options = options ?? new ExecutionOptions();
        _options.Validate();
        _risk = new RiskChecker(limits, store);
        _venue = new PaperVenue(instruments, limits, _options.OrderLatencyNanos);
        _exitRetryNanos = _options.ExitRetrySeconds * UnixNanos.PerSecond;
    }

    /// <summary>For any thread: the account as it was after the last order, fill, refusal, notice or Timer.</summary>
    public SeqLock<AccountSnapshot> Account { get; } = new();

    /// <summary>For the owning thread.</summary>
    public Portfolio Portfolio => _portfolio;

    /// <summary>For the owning thread.</summary>
    public RiskChecker Risk => _risk;

    /// <summary>Orders on their way or working at the venue.</summary>
    public int WorkingOrders => _venue.WorkingOrders;

    /// <summary>Handles one event of the ring: books, fills, exits, operator commands, day resets.</summary>
    public void OnEvent(in MarketEvent e, ExecutionBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        PaperMarket? market = _venue.Apply(e);
        _now = e.ReceiveTime;
        if ((e.Flags & MarketEventFlags.History) != 0)
            return;
        if (_isHistory)
            Begin(e.ReceiveTime);
        _risk.OnTime(e.ReceiveTime);

        // Nothing held, nothing on its way, nothing to tell: the usual case ends here.
        if (_venue.IsIdle && e.Kind < MarketEventKind.Timer && !_risk.HasNotices && !_publishDue)
            return;
        OnBusyEvent(e, market, output);
    }

    /// <summary>Handles one signal of the last event. A suppressed one was never passed on to risk and leaves no record here.</summary>
    public void OnSignal(in Signal s, ExecutionBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (s.Suppression != SignalSuppression.None)
            return;
        PaperMarket? market = _venue.Market(s.Instrument);
        if (market is null)
            throw new ArgumentException($"signal for Instrument {s.Instrument}, which the table does not have", nameof(s));
        RefreshExposures();
        OrderRequest request = SignalOrder.Of(s, market.Builder.Book.BestBid.Price, market.Builder.Book.BestAsk.Price, market.Terms, _options);
        RiskVerdict verdict = _risk.Check(request, market.Terms, _venue.View(market, _isHistory), out RiskApproved<OrderRequest> approved);
        ref ExecutionRecord record = ref Record(output, ExecutionRecordKind.Verdict);
        Describe(ref record, request, verdict);
        if (approved.IsApproved)
            Send(approved, request.ExitTime, output, output.Count - 1);
        TakeNotices(output);
        Publish();
    }

    /// <summary>Shows the account to other threads now.</summary>
    public void Publish()
    {
        _publishDue = false;
        RefreshExposures();
        _risk.Publish();
        Account.Write(new AccountSnapshot
        {
            Risk = _risk.Snapshot(),
            Cash = _portfolio.Cash,
            Realized = _portfolio.Realized,
            Unrealized = _portfolio.Unrealized,
            Commissions = _portfolio.Commissions,
            Orders = _orders,
            Fills = _fills,
            PositionsClosed = _closed,
            PositionsWon = _won,
            WorkingOrders = _venue.WorkingOrders,
            Refusals = _refusals,
        });
    }

    /// <summary>Forgets everything but its capacity, for another pass over the same events.</summary>
    public void Reset()
    {
        _venue.Reset();
        _risk.Reset();
        _portfolio.Open(default);
        Array.Clear(_plans);
        (_now, _nextExit) = (default, Never);
        _isHistory = true;
        _killPending = _publishDue = false;
        _orders = _fills = _closed = _won = 0;
        _refusals = default;
        Publish();
    }

    /// <summary>The first live event: the paper account is restored from the store, or opened when there never was one.</summary>
    private void Begin(UnixNanos now)
    {
        _isHistory = false;
        _now = now;
        RestoreStatus status = _risk.Restore(now);
        if (status == RestoreStatus.None)
            _risk.OpenAccount(now);
        // Damaged: the balance stays unknown and every order is refused until an operator settles it.
        if (_risk.IsKnown)
            _portfolio.Open(_risk.State.Balance);
        _publishDue = true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OnBusyEvent(in MarketEvent e, PaperMarket? market, ExecutionBuffer output)
    {
        if (e.Kind == MarketEventKind.Operator)
        {
            OnCommand((OperatorCommand)e.Detail, output);
        }
        else if (e.Kind is >= MarketEventKind.Trade and <= MarketEventKind.Liquidation && e.IsLastInMessage)
        {
            Mark(market);
            _venue.Match(market, _now);
            DrainVenue(output);
        }
        else if (_venue.WorkingOrders > 0)
        {
            _venue.ExpireCancelled(_now);
            DrainVenue(output);
        }

        if (_portfolio.OpenPositions > 0)
            CheckExits(output);
        FinishKill(output);
        TakeNotices(output);
        if (_publishDue || e.Kind == MarketEventKind.Timer)
            Publish();
    }

    private void Mark(PaperMarket? market)
    {
        if (market is { Held: not 0, IsReadable: true }
            && _portfolio.Mark(market.Terms.Instrument.Id, market.Builder.Book.BestBid.Price, market.Builder.Book.BestAsk.Price, market.Terms))
            _risk.OnAccount(_portfolio.Balance, _portfolio.Equity);
    }
}
