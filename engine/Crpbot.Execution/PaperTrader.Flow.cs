using System.Runtime.CompilerServices;
using Crpbot.Execution.Paper;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution;

// What follows from fills, time and commands, and how it is recorded.
public sealed partial class PaperTrader
{
    /// <summary>When an open position is to be closed, and when a refused attempt may be repeated.</summary>
    private struct ExitPlan
    {
        public UnixNanos ExitTime;
        public UnixNanos NextAttempt;
        public Price Stop;
        public SignalTier Tier;

        /// <summary>A refusal delays only attempts for the same reason: the emergency does not wait for a horizon's.</summary>
        public OrderPurpose RefusedPurpose;
    }

    private void Send(in RiskApproved<OrderRequest> approved, UnixNanos exitTime, ExecutionBuffer output, int verdictIndex)
    {
        Order order = _venue.Submit(approved, _now);
        _orders++;
        _publishDue = true;
        if (verdictIndex >= 0)
            output.SetOrderId(verdictIndex, order.Id);
        if (order.Opens)
        {
            ref ExitPlan plan = ref Plan(order.Instrument);
            plan = new ExitPlan { ExitTime = exitTime, Stop = order.Stop, Tier = order.Tier };
        }

        ref ExecutionRecord record = ref Record(output, ExecutionRecordKind.Order);
        Describe(ref record, order);
    }

    private void DrainVenue(ExecutionBuffer output)
    {
        ReadOnlySpan<VenueReport> reports = _venue.Reports;
        if (reports.Length == 0)
            return;
        bool filled = false;
        foreach (ref readonly VenueReport report in reports)
        {
            switch (report.Kind)
            {
                case VenueReportKind.Fill:
                    OnFill(report.Fill, report.Order, output);
                    filled = true;
                    break;
                case VenueReportKind.Ended:
                    OnEnded(report.Order, output);
                    break;
                case VenueReportKind.Triggered:
                    ref ExecutionRecord record = ref Record(output, ExecutionRecordKind.Triggered);
                    Describe(ref record, report.Order);
                    record.Price = report.Order.Stop;
                    record.Stop = default;
                    break;
            }
        }

        _venue.ClearReports();
        _publishDue = true;
        if (!filled)
            return;
        RefreshExposures();
        _risk.OnAccount(_portfolio.Balance, _portfolio.Equity);
        _risk.SaveAfterFills();
        SetNextExit();
    }

    private void OnFill(in Fill fill, in Order order, ExecutionBuffer output)
    {
        PaperMarket market = _venue.Market(fill.Instrument)!;
        bool opened = _portfolio[fill.Instrument].IsFlat;
        _fills++;
        _portfolio.Apply(fill, market.Terms);
        _portfolio.Mark(fill.Instrument, market.Builder.Book.BestBid.Price, market.Builder.Book.BestAsk.Price, market.Terms);
        _risk.OnCommission(fill.Commission);
        if (opened)
            _risk.OnPositionOpened();

        ref ExecutionRecord record = ref Record(output, ExecutionRecordKind.Fill);
        Describe(ref record, order);
        record.Price = fill.Price;
        record.Quantity = fill.Quantity;
        record.Stop = record.Target = default;
        record.Amount1 = fill.Value;
        record.Amount2 = fill.Commission;
        record.Amount3 = _portfolio.Equity;
        record.Amount4 = _portfolio.Balance;

        ref readonly Position position = ref _portfolio[fill.Instrument];
        if (!position.IsFlat)
            return;
        _closed++;
        if (position.Realized > position.Commission)
            _won++;
        _risk.OnFlat(fill.Instrument);
        ref ExecutionRecord closed = ref Record(output, ExecutionRecordKind.PositionClosed);
        Describe(ref closed, order);
        closed.Price = fill.Price;
        closed.Quantity = order.Filled;
        closed.Target = default;
        closed.Time2 = position.OpenedTime;
        closed.Amount1 = position.Realized;
        closed.Amount2 = position.Commission;
        closed.Amount3 = _portfolio.Equity;
        closed.Amount4 = _portfolio.Balance;
    }

    private void OnEnded(in Order order, ExecutionBuffer output)
    {
        if (order.Opens && order.Filled.Lots == 0)
            _risk.OnFlat(order.Instrument);
        ref ExecutionRecord record = ref Record(output, ExecutionRecordKind.OrderEnded);
        Describe(ref record, order);
        record.Quantity = order.Filled;
        record.Stop = record.Target = default;
    }

    /// <summary>Closes what the operator, the emergency or the horizon says must be closed and nothing is closing yet.</summary>
    private void CheckExits(ExecutionBuffer output)
    {
        if (!_risk.IsFlattening && !_risk.MustFlatten && _now < _nextExit)
            return;
        OrderPurpose why = _risk.IsFlattening ? OrderPurpose.Flatten : _risk.MustFlatten ? OrderPurpose.EmergencyFlatten : OrderPurpose.HorizonExit;
        if (why == OrderPurpose.EmergencyFlatten && _venue.WorkingOrders > 0)
        {
            _venue.CancelAll(_now, openingOnly: true);
            DrainVenue(output);
        }

        for (int i = 1; i < _portfolio.InstrumentLimit; i++)
        {
            var instrument = new InstrumentId(i);
            ref readonly Position position = ref _portfolio[instrument];
            if (position.IsFlat)
                continue;
            ref ExitPlan plan = ref Plan(instrument);
            bool due = why != OrderPurpose.HorizonExit || _now >= plan.ExitTime;
            if (due && (_now >= plan.NextAttempt || why != plan.RefusedPurpose))
                Close(instrument, position.Lots, why, ref plan, output);
        }

        SetNextExit();
    }

    private void Close(InstrumentId instrument, long held, OrderPurpose why, ref ExitPlan plan, ExecutionBuffer output)
    {
        long onItsWay = _venue.ClosingLots(instrument);
        long lots = Math.Abs(held) - onItsWay;
        if (lots <= 0)
            return;
        var request = new OrderRequest
        {
            Time = _now,
            Quantity = new Quantity(lots),
            Instrument = instrument,
            Side = held > 0 ? Side.Sell : Side.Buy,
            Tier = plan.Tier,
            Purpose = why,
        };
        RiskVerdict verdict = _risk.CheckClose(request, held, onItsWay, out RiskApproved<OrderRequest> approved);
        ref ExecutionRecord record = ref Record(output, ExecutionRecordKind.Verdict);
        Describe(ref record, request, verdict);
        if (approved.IsApproved)
            Send(approved, default, output, output.Count - 1);
        else
            (plan.NextAttempt, plan.RefusedPurpose) = (_now + _exitRetryNanos, why);
    }

    private void OnCommand(OperatorCommand command, ExecutionBuffer output)
    {
        switch (command)
        {
            case OperatorCommand.Kill:
                _risk.Kill();
                _venue.CancelAll(_now, openingOnly: false);
                _killPending = true;
                break;
            case OperatorCommand.Flatten:
                _risk.BeginFlatten();
                _venue.CancelAll(_now, openingOnly: true);
                _killPending = true;
                break;
            case OperatorCommand.Resume:
                if (_risk.Resume())
                {
                    _killPending = false;
                    Notice(output, RiskNoticeKind.Resumed);
                }

                // What was refused meanwhile may be tried at once.
                for (int i = 0; i < _plans.Length; i++)
                    _plans[i].NextAttempt = default;
                break;
            default:
                throw new InvalidDataException($"operator event with the unknown command {(int)command}");
        }

        DrainVenue(output);
        _publishDue = true;
    }

    /// <summary>The switch is acknowledged when it has taken effect: nothing on its way, and after Flatten nothing held.</summary>
    private void FinishKill(ExecutionBuffer output)
    {
        if (!_killPending || _venue.WorkingOrders > 0 || (_risk.IsFlattening && _portfolio.OpenPositions > 0))
            return;
        _killPending = false;
        _risk.EndFlatten();
        Notice(output, RiskNoticeKind.Killed);
    }

    /// <summary>Tells the risk check what every position can still cost. Lazily: it is asked for seldom and prices move all the time.</summary>
    private void RefreshExposures()
    {
        if (_portfolio.OpenPositions == 0)
            return;
        for (int i = 1; i < _portfolio.InstrumentLimit; i++)
        {
            var instrument = new InstrumentId(i);
            ref readonly Position position = ref _portfolio[instrument];
            if (position.IsFlat)
                continue;
            _risk.OnExposure(instrument, position.ExposureTo(_plans[i].Stop, _venue.Market(instrument)!.Terms, _risk.CommissionBillionths));
        }
    }

    private void SetNextExit()
    {
        _nextExit = Never;
        for (int i = 1; i < Math.Min(_plans.Length, _portfolio.InstrumentLimit); i++)
        {
            if (_portfolio[new InstrumentId(i)].IsFlat)
                continue;
            UnixNanos next = _plans[i].ExitTime > _plans[i].NextAttempt ? _plans[i].ExitTime : _plans[i].NextAttempt;
            if (next < _nextExit)
                _nextExit = next;
        }
    }

    private void TakeNotices(ExecutionBuffer output)
    {
        while (_risk.TryTakeNotice(out RiskNotice notice))
        {
            ref ExecutionRecord record = ref Record(output, ExecutionRecordKind.RiskNotice);
            record.Notice = notice.Kind;
            record.Amount1 = notice.Level;
            record.Amount3 = notice.Equity;
            record.Amount4 = notice.Balance;
            _publishDue = true;
        }
    }

    private void Notice(ExecutionBuffer output, RiskNoticeKind kind)
    {
        ref ExecutionRecord record = ref Record(output, ExecutionRecordKind.RiskNotice);
        record.Notice = kind;
        record.Amount3 = _portfolio.Equity;
        record.Amount4 = _portfolio.Balance;
        _publishDue = true;
    }

    private ref ExecutionRecord Record(ExecutionBuffer output, ExecutionRecordKind kind)
    {
        ref ExecutionRecord record = ref output.Add();
        record.Time = _now;
        record.Kind = kind;
        return ref record;
    }

    private void Describe(ref ExecutionRecord record, in OrderRequest request, in RiskVerdict verdict)
    {
        record.Price = verdict.Entry;
        record.Quantity = verdict.Quantity;
        record.Stop = request.Stop;
        record.Target = request.Target;
        record.Amount1 = verdict.OwnRisk;
        record.Amount2 = verdict.OwnCosts;
        record.Amount3 = _portfolio.Equity;
        record.Amount4 = Notional.Min(verdict.DailyHeadroom, Notional.Min(verdict.TotalHeadroom, verdict.NextResetHeadroom));
        record.Instrument = request.Instrument;
        record.Side = request.Side;
        record.Reason = verdict.Reason;
        record.Purpose = request.Purpose;
        record.Tier = request.Tier;
        record.Detail = (byte)verdict.SizedBy;
        if (!verdict.IsApproved)
        {
            _refusals[(int)verdict.Reason]++;
            _publishDue = true;
        }
    }

    private static void Describe(ref ExecutionRecord record, in Order order)
    {
        record.OrderId = order.Id;
        record.Price = order.Limit;
        record.Quantity = order.Quantity;
        record.Stop = order.Stop;
        record.Target = order.Target;
        record.Instrument = order.Instrument;
        record.Side = order.Side;
        record.Purpose = order.Purpose;
        record.Tier = order.Tier;
        record.State = order.State;
    }

    private ref ExitPlan Plan(InstrumentId instrument)
    {
        if (instrument.Value >= _plans.Length)
            GrowPlans(instrument.Value);
        return ref _plans[instrument.Value];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowPlans(int highest) => Array.Resize(ref _plans, Math.Max(16, highest + 1));
}
