using System.Runtime.CompilerServices;
using Crpbot.Messages;

namespace Crpbot.Risk;

// Time, marks and fills: floors, resets, warnings, the emergency and the breach.
public sealed partial class RiskChecker
{
    /// <summary>Moves the market clock; called with every event's ReceiveTime before the event is looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnTime(UnixNanos now)
    {
        if (now > _now)
            _now = now;
        if (now >= _nextTimeAlarm)
            OnTimeAlarm();
    }

    /// <summary>Tells balance and equity after a fill or a change of the price positions could be closed at.</summary>
    /// <param name="balance">Initial + Σ realised − Σ commissions.</param>
    /// <param name="equity">Balance + what closing everything now would realise, before its commission.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnAccount(Notional balance, Notional equity)
    {
        _equity = equity;
        if (balance != _state.Balance || equity < _alarmEquity || MustFlatten)
            OnAccountAlarm(balance);
    }

    /// <summary>Counts a commission the venue has billed. Its effect on the balance comes by <see cref="OnAccount"/>.</summary>
    public void OnCommission(Notional commission) => _state.DayCosts += commission;

    /// <summary>Counts today as a trading day: a position was opened.</summary>
    public void OnPositionOpened()
    {
        if (_state.LastTradingDay == _state.Day && _state.TradingDays > 0)
            return;
        _state.LastTradingDay = _state.Day;
        _state.TradingDays++;
    }

    /// <summary>Replaces what an Instrument's position or order on its way can still cost.</summary>
    public void OnExposure(InstrumentId instrument, in Exposure exposure)
    {
        EnsureInstrument(instrument);
        ref Exposure slot = ref _exposures[instrument.Value];
        if (!_exposed[instrument.Value])
        {
            _exposed[instrument.Value] = true;
            _openPositions++;
        }

        _openRisk += exposure.OpenRisk - slot.OpenRisk;
        _exitCosts += exposure.ExitCosts - slot.ExitCosts;
        _openValue += exposure.Value - slot.Value;
        slot = exposure;
    }

    /// <summary>The Instrument has neither a position nor an order any more.</summary>
    public void OnFlat(InstrumentId instrument)
    {
        if (!HasExposure(instrument))
            return;
        ref Exposure slot = ref _exposures[instrument.Value];
        _openRisk -= slot.OpenRisk;
        _exitCosts -= slot.ExitCosts;
        _openValue -= slot.Value;
        slot = default;
        _exposed[instrument.Value] = false;
        _openPositions--;
    }

    /// <summary>Makes what fills have changed durable; called once after the fills of an event.</summary>
    public bool SaveAfterFills() => !_known || Save();

    private bool HasExposure(InstrumentId instrument) => (uint)instrument.Value < (uint)_exposed.Length && _exposed[instrument.Value];

    private void EnsureInstrument(InstrumentId instrument)
    {
        if (instrument.Value < _exposed.Length)
            return;
        int length = Math.Max(instrument.Value + 1, 16);
        Array.Resize(ref _exposures, length);
        Array.Resize(ref _exposed, length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OnTimeAlarm()
    {
        if (_now >= _nextReset)
            ResetDay();
        // From here until midnight the floor that midnight will set counts for the emergency too.
        _nextTimeAlarm = _now >= _nextReset - _amounts.ResetGuardNanos ? _nextReset : _nextReset - _amounts.ResetGuardNanos;
        SetAlarm();
        if (_equity < _alarmEquity || MustFlatten)
            Judge();
    }

    /// <summary>Midnight in Prague has passed, once or more often. Equity is compared with the new floors at once, without a price move.</summary>
    private void ResetDay()
    {
        Notional gain = _state.Balance - _state.DayStartBalance;
        _state.BestDay = Notional.Max(_state.BestDay, gain);
        (_state.DayStartBalance, _state.HighestEndOfDay) = DayStart.AtMidnight(_state.Balance);
        _state.DayCosts = default;
        _state.OrdersToday = 0;
        _state.Day = PragueCalendar.DayNumber(_now);
        _nextReset = PragueCalendar.DayStart(_state.Day + 1);
        _dailyWarned = _totalWarned = false;
        SetFloors();
        Notice(RiskNoticeKind.DayReset, _floors.Daily);
        Save();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OnAccountAlarm(Notional balance)
    {
        if (!_known)
            return;
        _state.Balance = balance;
        SetAlarm();
        Judge();
    }

    private DayStart DayStart => new(_state.DayStartBalance, _state.HighestEndOfDay);

    private void SetFloors() => _floors = _amounts.Law.FloorsOf(DayStart);

    /// <summary>The higher of the two floors that a reset at this moment would set.</summary>
    private Notional NextResetFloor() => _amounts.Law.FloorsOf(DayStart.AtMidnight(_state.Balance)).Higher;

    private bool IsNearReset => _now >= _nextReset - _amounts.ResetGuardNanos;

    /// <summary>The floor the emergency is judged by.</summary>
    private Notional EmergencyFloor()
    {
        Notional floor = _floors.Higher;
        return IsNearReset ? Notional.Max(floor, NextResetFloor()) : floor;
    }

    /// <summary>The highest equity at which the next thing becomes due. Levels count as reached at or below them, floors only below.</summary>
    private void SetAlarm()
    {
        Notional alarm = EmergencyFloor() + _amounts.Emergency;
        if (!_dailyWarned)
            alarm = Notional.Max(alarm, _floors.Daily + _amounts.DailyWarning);
        if (!_totalWarned)
            alarm = Notional.Max(alarm, _floors.Total + _amounts.TotalWarning);
        _alarmEquity = new Notional(alarm.Units + 1);
    }

    private void Judge()
    {
        if (_state.Breached == 0 && _floors.AreBrokenBy(_equity))
        {
            _state.Breached = 1;
            bool daily = _floors.IsDailyBrokenBy(_equity);
            Notice(daily ? RiskNoticeKind.DailyBreach : RiskNoticeKind.TotalBreach, daily ? _floors.Daily : _floors.Total);
            Save();
        }

        if (!_dailyWarned && _equity <= _floors.Daily + _amounts.DailyWarning)
        {
            _dailyWarned = true;
            Notice(RiskNoticeKind.DailyWarning, _floors.Daily);
        }

        if (!_totalWarned && _equity <= _floors.Total + _amounts.TotalWarning)
        {
            _totalWarned = true;
            Notice(RiskNoticeKind.TotalWarning, _floors.Total);
        }

        if (!_targetNoticed && IsTargetReached)
        {
            _targetNoticed = true;
            Notice(RiskNoticeKind.ProfitTarget, _amounts.Initial + _amounts.ProfitTarget);
        }

        Notional emergency = EmergencyFloor();
        MustFlatten = _state.Breached != 0 || _equity <= emergency + _amounts.Emergency;
        if (!MustFlatten)
            _emergencyNoticed = false;
        else if (!_emergencyNoticed && _openPositions > 0)
        {
            _emergencyNoticed = true;
            Notice(RiskNoticeKind.EmergencyFlatten, emergency);
        }

        SetAlarm();
    }

    private bool IsTargetReached => !_amounts.ProfitTarget.IsZero && _state.Balance >= _amounts.Initial + _amounts.ProfitTarget;
}
