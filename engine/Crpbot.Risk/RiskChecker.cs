using System.Runtime.CompilerServices;
using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>The single gateway: knows the account, and makes the only <see cref="RiskApproved{T}"/> there are.</summary>
/// <remarks>
/// One thread owns it and tells it everything in event order: time, fills, marks, exposures, commands. No locks, no clock, no allocation after
/// an Instrument's first order; readers get <see cref="Published"/>. Money is exact. What the limits depend on is durable before an order
/// leaves. The rules and their sources are in <c>engine/docs/risk.md</c>.
/// </remarks>
public sealed partial class RiskChecker
{
    private AccountState _state;
    private Notional _equity;

    // Above this nothing is due: one comparison a mark.
    private Notional _alarmEquity;
    private UnixNanos _now;
    private UnixNanos _nextReset;
    private UnixNanos _nextTimeAlarm;
    private bool _known;
    private bool _dailyWarned;
    private bool _totalWarned;
    private bool _emergencyNoticed;
    private bool _targetNoticed;

    private LossFloors _floors;

    private Exposure[] _exposures = [];
    private bool[] _exposed = [];
    private Notional _openRisk;
    private Notional _exitCosts;
    private Notional _openValue;
    private int _openPositions;

    private readonly RollingLimit _orderRate;
    private readonly RiskNotice[] _notices = new RiskNotice[32];
    private int _noticeCount;
    private int _noticeNext;
    private readonly IRiskStateStore _store;
    private readonly NewsCalendar _news;
    private readonly Amounts _amounts;

    /// <param name="limits">Validated here.</param>
    /// <param name="store">Null for replays, which keep nothing.</param>
    public RiskChecker(RiskLimits limits, IRiskStateStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.Validate();
        Limits = limits;
        _store = store ?? new VolatileRiskStateStore();
        _amounts = new Amounts(limits);
        _news = new NewsCalendar(limits.News, limits.NewsBlackoutSeconds);
        _orderRate = new RollingLimit(limits.MaxOrdersPerHour, UnixNanos.PerHour);
        _nextReset = _nextTimeAlarm = new UnixNanos(long.MaxValue);
    }

    public RiskLimits Limits { get; }

    /// <summary>For any thread; as of the last <see cref="Publish"/>.</summary>
    public SeqLock<RiskSnapshot> Published { get; } = new();

    /// <summary>The state as it is now, for the owning thread.</summary>
    public ref readonly AccountState State => ref _state;

    public Notional Equity => _equity;

    public Notional DailyFloor => _floors.Daily;

    public Notional TotalFloor => _floors.Total;

    /// <summary>Commission of one side in parts per billion of its value.</summary>
    public long CommissionBillionths => _amounts.Commission;

    /// <summary>There is something to take with <see cref="TryTakeNotice"/>.</summary>
    public bool HasNotices => _noticeCount > 0;

    /// <summary>The balance is known; without it every opening order is refused.</summary>
    public bool IsKnown => _known;

    public bool IsKilled => _state.Killed != 0;

    /// <summary>The operator's Flatten is being carried out.</summary>
    public bool IsFlattening { get; private set; }

    public bool IsBreached => _state.Breached != 0;

    /// <summary>Equity is so near a floor, or below it, that every position must be closed now.</summary>
    public bool MustFlatten { get; private set; }

    /// <summary>Opens a new account with the initial capital of the limits: a statement of fact by whoever owns the ledger, not an assumption.</summary>
    /// <returns>False when the first state could not be made durable; the balance stays unknown.</returns>
    /// <exception cref="InvalidOperationException">An account is open already.</exception>
    public bool OpenAccount(UnixNanos now)
    {
        if (_known)
            throw new InvalidOperationException("the account is open already");
        _state = default;
        _state.Initial = _state.Balance = _state.DayStartBalance = _state.HighestEndOfDay = _amounts.Initial;
        _state.Day = PragueCalendar.DayNumber(now);
        _equity = _state.Balance;
        return Begin(now) && Save();
    }

    /// <summary>Restores what the store kept. A damaged state, or one with positions nobody can account for, leaves the balance unknown.</summary>
    /// <exception cref="InvalidDataException">The state is of an account with another initial capital.</exception>
    public RestoreStatus Restore(UnixNanos now)
    {
        RestoreStatus status = _store.Restore(out AccountState state);
        if (status != RestoreStatus.Found)
            return status;
        if (state.Initial != _amounts.Initial)
            throw new InvalidDataException($"risk state: initial capital {state.Initial} on disk, {_amounts.Initial} in limits '{Limits.Name}'; use the limits it was opened with");
        _state = state;
        _equity = state.Balance;
        if (state.OpenPositions != 0)
            return RestoreStatus.Damaged;
        // When the last orders left is not kept, only how many did today: count them all as sent just before the restart.
        for (int i = Math.Min(state.OrdersToday, Limits.MaxOrdersPerHour); i > 0; i--)
            _orderRate.Admit(state.Time);
        Begin(now);
        OnTime(now);
        return RestoreStatus.Found;
    }

    /// <summary>Tells the balance after an operator has settled it with the venue: all positions closed.</summary>
    public bool Settle(UnixNanos now, Notional balance)
    {
        if (_state.Initial.IsZero)
            throw new InvalidOperationException("there is no account to settle; open one");
        _state.Balance = _equity = balance;
        _state.OpenPositions = 0;
        _state.OpenRisk = default;
        bool begun = Begin(now);
        OnTime(now);
        OnAccount(balance, balance);
        return begun && Save();
    }

    /// <summary>Forgets everything, as before the account was opened; what the store keeps stays there. For repeated replays.</summary>
    public void Reset()
    {
        _state = default;
        _equity = _alarmEquity = _openRisk = _exitCosts = _openValue = default;
        _floors = default;
        _now = default;
        _nextReset = _nextTimeAlarm = new UnixNanos(long.MaxValue);
        _known = _dailyWarned = _totalWarned = _emergencyNoticed = _targetNoticed = false;
        MustFlatten = IsFlattening = false;
        Array.Clear(_exposures);
        Array.Clear(_exposed);
        _openPositions = _noticeCount = _noticeNext = 0;
        _orderRate.Clear();
        _news.Rewind();
        Publish();
    }

    /// <summary>Takes the oldest notice not taken yet.</summary>
    public bool TryTakeNotice(out RiskNotice notice)
    {
        if (_noticeCount == 0)
        {
            notice = default;
            return false;
        }

        notice = _notices[_noticeNext];
        _noticeNext = (_noticeNext + 1) % _notices.Length;
        _noticeCount--;
        return true;
    }

    /// <summary>Nothing leaves from here on. The caller cancels what is on its way, and only then may tell anyone it is done.</summary>
    /// <returns>False when the command is in force but would not survive a restart.</returns>
    public bool Kill()
    {
        IsFlattening = false;
        _state.Killed = 1;
        return _known && Save();
    }

    /// <summary>As <see cref="Kill"/>, except that orders of purpose Flatten leave until <see cref="EndFlatten"/>.</summary>
    public bool BeginFlatten()
    {
        bool saved = Kill();
        IsFlattening = true;
        return saved;
    }

    /// <summary>Every position is closed: from here on the kill switch is complete.</summary>
    public void EndFlatten() => IsFlattening = false;

    /// <summary>Lets orders leave again.</summary>
    /// <returns>False when that could not be made durable; the switch stays on.</returns>
    public bool Resume()
    {
        IsFlattening = false;
        _state.Killed = 0;
        if (!_known || Save())
            return true;
        _state.Killed = 1;
        return false;
    }

    /// <summary>Shows the account to other threads.</summary>
    public void Publish() => Published.Write(Snapshot());

    public RiskSnapshot Snapshot() => new()
    {
        Time = _now,
        Initial = _state.Initial,
        Balance = _state.Balance,
        Equity = _equity,
        DayStartBalance = _state.DayStartBalance,
        DailyFloor = _floors.Daily,
        TotalFloor = _floors.Total,
        NextResetFloor = _known ? NextResetFloor() : default,
        DayCosts = _state.DayCosts,
        OpenRisk = _openRisk,
        ExitCosts = _exitCosts,
        BestDay = _state.BestDay,
        NextReset = _nextReset,
        OpenPositions = _openPositions,
        TradingDays = _state.TradingDays,
        OrdersToday = _state.OrdersToday,
        KnownFlag = _known ? (byte)1 : (byte)0,
        KilledFlag = _state.Killed,
        BreachedFlag = _state.Breached,
    };

    private bool Begin(UnixNanos now)
    {
        _known = true;
        _now = now;
        _nextReset = PragueCalendar.DayStart(_state.Day + 1);
        _nextTimeAlarm = _nextReset - _amounts.ResetGuardNanos;
        SetFloors();
        SetAlarm();
        return true;
    }

    private bool Save()
    {
        _state.Time = _now;
        _state.OpenRisk = _openRisk + _exitCosts;
        _state.OpenPositions = _openPositions;
        _state.Version++;
        if (_store.TrySave(_state))
            return true;
        Notice(RiskNoticeKind.StateNotSaved, default);
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Notice(RiskNoticeKind kind, Notional level)
    {
        if (_noticeCount == _notices.Length)
            throw new InvalidOperationException("risk notices are not being taken: TryTakeNotice must be called after every event");
        _notices[(_noticeNext + _noticeCount) % _notices.Length] = new RiskNotice { Time = _now, Equity = _equity, Balance = _state.Balance, Level = level, Kind = kind };
        _noticeCount++;
    }
}
