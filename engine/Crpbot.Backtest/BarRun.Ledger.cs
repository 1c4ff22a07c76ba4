using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest;

// Fills, the days and the drawdown.
internal sealed partial class BarRun
{
    private readonly List<BacktestDay> _days = [];
    private int _day;
    private Notional _dayStartBalance;
    private Notional _dayStartEquity;
    private Notional _dayLow;
    private Notional _dayFloor;
    private Notional _dayTotalFloor;
    private Notional _costsBeforeDay;
    private int _dayOpened;

    private Notional _peak;
    private Notional _lowSincePeak;
    private double _maxDrawdown;

    private void Enter(ref Market market, int row, in OrderRequest order, in Signal signal)
    {
        market.Stop = order.Stop;
        market.Target = order.Target;
        market.ExitTime = order.ExitTime;
        market.Tier = order.Tier;
        market.ProbabilityUp = signal.ProbabilityUp;
        market.EntryTime = _now;
        market.EntryRow = row;
        market.EntryPrice = market.MarketPrice(row, order.Side);
        market.Fees = market.Slippage = default;
        _risk.OnPositionOpened();
        _dayOpened++;
        Book(ref market, order.Side, order.Quantity, market.EntryPrice, OrderPurpose.Open, market.CrossingCost(row, _slippage, _halfSpread));
        (Price bid, Price ask) = market.Quote(row, _halfSpread);
        _portfolio.Mark(market.Id, bid, ask, market.Terms);
        RefreshExposures();
        TellAccount();
        _risk.SaveAfterFills();
    }

    private void Close(ref Market market, int row, Price price, OrderPurpose why, long slippage)
    {
        long lots = _portfolio[market.Id].Lots;
        var quantity = new Quantity(Math.Abs(lots));
        Book(ref market, lots > 0 ? Side.Sell : Side.Buy, quantity, price, why, slippage);
        _risk.OnFlat(market.Id);
        RefreshExposures();
        TellAccount();
        _risk.SaveAfterFills();
        _curve.Add((_now, _portfolio.Equity));
        _trades.Add(new BacktestTrade
        {
            Instrument = market.Tape.Instrument,
            Side = lots > 0 ? Side.Buy : Side.Sell,
            Tier = market.Tier,
            ProbabilityUp = market.ProbabilityUp,
            Quantity = quantity,
            EntryTime = market.EntryTime,
            EntryRow = market.EntryRow,
            EntryPrice = market.EntryPrice,
            Stop = market.Stop,
            Target = market.Target,
            ExitTime = _now,
            ExitRow = row,
            ExitPrice = price,
            ExitPurpose = why,
            Gross = _portfolio[market.Id].Realized,
            Fees = market.Fees,
            Slippage = market.Slippage,
        });
    }

    /// <param name="slippage">Parts per billion of the value, billed beside the commission.</param>
    private void Book(ref Market market, Side side, Quantity quantity, Price price, OrderPurpose purpose, long slippage)
    {
        Notional value = market.Terms.Value(price, quantity);
        Notional fee = value.TimesBillionthsUp(_risk.CommissionBillionths);
        Notional slipped = value.TimesBillionthsUp(slippage);
        market.Fees += fee;
        market.Slippage += slipped;
        var fill = new Fill { Value = value, Commission = fee + slipped, Time = _now, Price = price, Quantity = quantity, Instrument = market.Id, Side = side, Purpose = purpose };
        _portfolio.Apply(fill, market.Terms);
        _risk.OnCommission(fee);
        _steps?.Add(new AccountStep(AccountStepKind.Fill, _now, _portfolio.Balance, _portfolio.Equity, market.Id, side, price, market.Stop, quantity, default, purpose, fee));
    }

    private void TellAccount()
    {
        Notional equity = _portfolio.Equity;
        _risk.OnAccount(_portfolio.Balance, equity);
        _steps?.Add(new AccountStep { Kind = AccountStepKind.Account, Time = _now, Balance = _portfolio.Balance, Equity = equity });
        _dayLow = Notional.Min(_dayLow, equity);
        if (equity > _peak)
        {
            _peak = _lowSincePeak = equity;
        }
        else if (equity < _lowSincePeak)
        {
            _lowSincePeak = equity;
            _maxDrawdown = Math.Max(_maxDrawdown, (_peak - equity).ToDouble() / _peak.ToDouble());
        }
    }

    private void BeginDays()
    {
        _peak = _lowSincePeak = _portfolio.Equity;
        BeginDay(_risk.State.Day);
    }

    private void BeginDay(int day)
    {
        _day = day;
        (_dayStartBalance, _dayStartEquity, _dayLow) = (_portfolio.Balance, _portfolio.Equity, _portfolio.Equity);
        (_dayFloor, _dayTotalFloor) = (_risk.DailyFloor, _risk.TotalFloor);
        _costsBeforeDay = _portfolio.Commissions;
        _dayOpened = 0;
    }

    /// <summary>Midnight has passed, once or more often: the days between had nothing in them.</summary>
    private void ChangeDay()
    {
        FinishDay();
        for (int day = _day + 1; day < _risk.State.Day; day++)
        {
            BeginDay(day);
            FinishDay();
        }

        BeginDay(_risk.State.Day);
    }

    private void FinishDay() => _days.Add(new BacktestDay
    {
        Day = _day,
        StartBalance = _dayStartBalance,
        StartEquity = _dayStartEquity,
        EndEquity = _portfolio.Equity,
        LowestEquity = _dayLow,
        DailyFloor = _dayFloor,
        TotalFloor = _dayTotalFloor,
        Opened = _dayOpened,
        Costs = _portfolio.Commissions - _costsBeforeDay,
    });
}
