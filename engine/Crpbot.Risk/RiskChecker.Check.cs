using Crpbot.Messages;

namespace Crpbot.Risk;

// The check itself. Every refusal names its reason; the order of the checks is the order of RefusalReason.
public sealed partial class RiskChecker
{
    /// <summary>Rules on an opening order. Approval reserves its exposure, counts it, and has made both durable.</summary>
    /// <param name="request">A quantity of zero is sized by the risk to the stop.</param>
    /// <param name="terms">Of the request's Instrument.</param>
    /// <param name="market">The book the order would cross, at a message end.</param>
    /// <param name="approved">The only thing a venue accepts; no proof when refused.</param>
    public RiskVerdict Check(in OrderRequest request, InstrumentTerms terms, in MarketView market, out RiskApproved<OrderRequest> approved)
    {
        ArgumentNullException.ThrowIfNull(terms);
        approved = default;
        RiskVerdict verdict = default;
        verdict.Reason = CheckState(request, market);
        if (verdict.Reason == RefusalReason.None)
            verdict.Reason = CheckRequest(request, terms, market, ref verdict);
        if (verdict.Reason == RefusalReason.None)
            verdict.Reason = CheckAccount(request);
        if (verdict.Reason == RefusalReason.None)
            verdict.Reason = CheckMoney(request, terms, ref verdict);
        if (verdict.Reason != RefusalReason.None)
            return verdict;

        Notional value = terms.Value(verdict.Entry, verdict.Quantity);
        OnExposure(request.Instrument, new Exposure { OpenRisk = verdict.OwnRisk, ExitCosts = verdict.OwnCosts, Value = value });
        _state.OrdersToday++;
        if (!Save())
        {
            _state.OrdersToday--;
            OnFlat(request.Instrument);
            verdict.Reason = RefusalReason.StateNotSaved;
            return verdict;
        }

        _orderRate.Admit(_now);
        OrderRequest sized = request;
        sized.Quantity = verdict.Quantity;
        approved = new RiskApproved<OrderRequest>(sized);
        return verdict;
    }

    /// <summary>Rules on an order that closes a position or part of it. It may lose money, never add risk, so only the kill switch, the news
    /// and its own form can refuse it.</summary>
    /// <param name="held">The position, positive when long.</param>
    /// <param name="onItsWay">Lots that earlier closing orders may still take.</param>
    public RiskVerdict CheckClose(in OrderRequest request, long held, long onItsWay, out RiskApproved<OrderRequest> approved)
    {
        approved = default;
        var verdict = new RiskVerdict { Quantity = request.Quantity, SizedBy = SizedBy.Request, Reason = CloseReason(request, held, onItsWay) };
        if (verdict.IsApproved)
            approved = new RiskApproved<OrderRequest>(request);
        return verdict;
    }

    private RefusalReason CloseReason(in OrderRequest request, long held, long onItsWay)
    {
        if (IsKilled && !(IsFlattening && request.Purpose == OrderPurpose.Flatten))
            return RefusalReason.Killed;
        if (held == 0)
            return RefusalReason.NothingToClose;
        bool reduces = request.Side == (held > 0 ? Side.Sell : Side.Buy) && request.Purpose != OrderPurpose.Open;
        if (!reduces || request.Quantity.Lots <= 0 || request.Quantity.Lots > Math.Abs(held) - onItsWay)
            return RefusalReason.NotReducing;
        // A breached account is over and a breach is worse than a trade near news: the emergency and the operator are let through.
        if (request.Purpose == OrderPurpose.HorizonExit && _news.IsBlackout(_now))
            return RefusalReason.NewsBlackout;
        return RefusalReason.None;
    }

    private RefusalReason CheckState(in OrderRequest request, in MarketView market)
    {
        if (IsKilled)
            return RefusalReason.Killed;
        if (market.IsHistory)
            return RefusalReason.History;
        if (!_known)
            return RefusalReason.UnknownBalance;
        if (IsBreached)
            return RefusalReason.LimitBreached;
        if (request.Time > _now)
            return RefusalReason.ClockJump;
        return _now - request.Time > _amounts.SignalAgeNanos ? RefusalReason.StaleSignal : RefusalReason.None;
    }

    private RefusalReason CheckRequest(in OrderRequest request, InstrumentTerms terms, in MarketView market, ref RiskVerdict verdict)
    {
        if (!terms.IsTradable || terms.Instrument.Id != request.Instrument)
            return RefusalReason.UnknownInstrument;
        if (!market.IsReadable || market.BestBid.Ticks <= 0 || market.BestBid >= market.BestAsk)
            return RefusalReason.NoBook;
        if (_now - market.LastAlive > (market.HasHeartbeats ? _amounts.QuietWithHeartbeatsNanos : _amounts.QuietNanos))
            return RefusalReason.StaleData;
        if (request.Side is not (Side.Buy or Side.Sell))
            return RefusalReason.InvalidSide;

        bool buy = request.Side == Side.Buy;
        verdict.Entry = buy ? market.BestAsk : market.BestBid;
        Int128 deviation = Int128.Abs((Int128)verdict.Entry.Ticks - request.Reference.Ticks);
        if (request.Reference.Ticks <= 0 || deviation * 1_000_000_000 > (Int128)request.Reference.Ticks * _amounts.PriceDeviation)
            return RefusalReason.PriceDeviation;

        // The stop is triggered at the price one could close at, so it must stand beyond that and not merely beyond the entry.
        if (request.Stop.Ticks <= 0 || (buy ? request.Stop >= market.BestBid : request.Stop <= market.BestAsk))
            return RefusalReason.StopOnWrongSide;
        if (request.Target.Ticks <= 0 || (buy ? request.Target <= market.BestAsk : request.Target >= market.BestBid))
            return RefusalReason.TargetOnWrongSide;
        return request.Tier is SignalTier.Medium or SignalTier.High ? RefusalReason.None : RefusalReason.TierNotTradable;
    }

    private RefusalReason CheckAccount(in OrderRequest request)
    {
        if (HasExposure(request.Instrument))
            return RefusalReason.PositionOpen;
        if (!_orderRate.HasRoom(_now) || _state.OrdersToday >= Limits.MaxOrdersPerDay)
            return RefusalReason.OrderRate;
        if (_news.IsBlackout(_now))
            return RefusalReason.NewsBlackout;
        if (IsTargetReached && _state.TradingDays >= Limits.MinTradingDays)
            return RefusalReason.ProfitTargetReached;
        if (_equity <= _floors.Daily + _amounts.DailyMargin)
            return RefusalReason.DailyMargin;
        return _equity <= _floors.Total + _amounts.TotalMargin ? RefusalReason.TotalMargin : RefusalReason.None;
    }

    private RefusalReason CheckMoney(in OrderRequest request, InstrumentTerms terms, ref RiskVerdict verdict)
    {
        Price distance = new(Math.Abs(verdict.Entry.Ticks - request.Stop.Ticks));
        Notional permitted = Notional.Min(_amounts.Initial, _equity).TimesBillionthsDown(_amounts.RiskPerTrade);
        RefusalReason sizing = Size(request.Quantity, terms, distance, permitted, ref verdict);
        if (sizing != RefusalReason.None)
            return sizing;

        Notional value = terms.Value(verdict.Entry, verdict.Quantity);
        Notional worst = terms.Value(new Price(Math.Max(verdict.Entry.Ticks, request.Stop.Ticks)), verdict.Quantity);
        verdict.OwnRisk = terms.Value(distance, verdict.Quantity);
        verdict.OwnCosts = value.TimesBillionthsUp(_amounts.Commission) + worst.TimesBillionthsUp(_amounts.Commission);

        if (_openValue + value > _equity.TimesBillionthsDown(_amounts.Leverage))
            return RefusalReason.Leverage;
        if (_state.DayCosts + _exitCosts + verdict.OwnCosts > _amounts.DailyCostBudget)
            return RefusalReason.CostBudget;

        // Every stop at once, no credit between Instruments: against today's floors and against those a reset now would set.
        Notional free = _equity - _openRisk - _exitCosts;
        Notional own = verdict.OwnRisk + verdict.OwnCosts;
        verdict.DailyHeadroom = free - _floors.Daily;
        verdict.TotalHeadroom = free - _floors.Total;
        verdict.NextResetHeadroom = free - NextResetFloor();
        return verdict.DailyHeadroom < own ? RefusalReason.DailyHeadroom
            : verdict.TotalHeadroom < own ? RefusalReason.TotalHeadroom
            : verdict.NextResetHeadroom < own ? RefusalReason.NextResetHeadroom
            : RefusalReason.None;
    }

    private static RefusalReason Size(Quantity asked, InstrumentTerms terms, Price distance, Notional permitted, ref RiskVerdict verdict)
    {
        Quantity byRisk = terms.LotsWithin(permitted, distance);
        if (asked.Lots != 0)
        {
            (verdict.Quantity, verdict.SizedBy) = (asked, SizedBy.Request);
            return asked.Lots < 0 ? RefusalReason.BelowOneLot
                : asked > byRisk ? RefusalReason.RiskPerTrade
                : asked > terms.MaxQuantity ? RefusalReason.ContractLots
                : RefusalReason.None;
        }

        if (byRisk.Lots < 1)
            return RefusalReason.BelowOneLot;
        (verdict.Quantity, verdict.SizedBy) = byRisk > terms.MaxQuantity ? (terms.MaxQuantity, SizedBy.ContractLots) : (byRisk, SizedBy.Risk);
        return RefusalReason.None;
    }
}
