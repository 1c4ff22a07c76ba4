namespace Crpbot.Risk;

/// <summary>Which limit refused. Values enter the decision log and are never reused; the order is the order of the checks.</summary>
public enum RefusalReason : byte
{
    None = 0,

    /// <summary>The operator's kill switch is on: no order of any kind leaves.</summary>
    Killed = 1,

    /// <summary>The stream is still warm-up history: nothing is decided on it.</summary>
    History = 2,

    /// <summary>No trustworthy balance: never opened, or the state on disk is damaged. Unknown means stop.</summary>
    UnknownBalance = 3,

    /// <summary>A loss limit of the venue was broken; the account is over.</summary>
    LimitBreached = 4,

    /// <summary>The request is stamped later than the market clock.</summary>
    ClockJump = 5,

    /// <summary>The request is older than the longest a decision stays true.</summary>
    StaleSignal = 6,

    /// <summary>The Instrument's increments or contract are unknown, or too fine to count money exactly.</summary>
    UnknownInstrument = 7,

    /// <summary>The book awaits a snapshot, lacks a side, or is crossed.</summary>
    NoBook = 8,

    /// <summary>The book's channel has been silent for longer than a healthy one is.</summary>
    StaleData = 9,

    /// <summary>The market is further from the price the decision was made on than a healthy feed explains.</summary>
    PriceDeviation = 10,

    /// <summary>Neither buy nor sell.</summary>
    InvalidSide = 11,

    /// <summary>There is no stop, or it is not on the losing side of the price one could close at.</summary>
    StopOnWrongSide = 12,

    /// <summary>The target is not on the winning side of the entry.</summary>
    TargetOnWrongSide = 13,

    /// <summary>The signal's tier is logged only.</summary>
    TierNotTradable = 14,

    /// <summary>The Instrument has a position or a working order already.</summary>
    PositionOpen = 15,

    /// <summary>The cap of orders an hour or a day is used up.</summary>
    OrderRate = 16,

    /// <summary>Selected news is too near.</summary>
    NewsBlackout = 17,

    /// <summary>The profit target is reached and the trading days are done: there is nothing left to win.</summary>
    ProfitTargetReached = 18,

    /// <summary>Today's loss is inside the internal margin before the daily floor.</summary>
    DailyMargin = 19,

    /// <summary>The total loss is inside the internal margin before the total floor.</summary>
    TotalMargin = 20,

    /// <summary>The permitted risk buys less than one lot.</summary>
    BelowOneLot = 21,

    /// <summary>The quantity that was asked for risks more than one trade may.</summary>
    RiskPerTrade = 22,

    /// <summary>More contract lots than the venue takes in one trade.</summary>
    ContractLots = 23,

    /// <summary>All positions together would exceed the leverage. Refused, not shrunk.</summary>
    Leverage = 24,

    /// <summary>Today's costs with this round trip would exceed the budget.</summary>
    CostBudget = 25,

    /// <summary>If every stop were hit, equity could fall below today's floor.</summary>
    DailyHeadroom = 26,

    /// <summary>If every stop were hit, equity could fall below the total floor.</summary>
    TotalHeadroom = 27,

    /// <summary>If every stop were hit after the next reset, equity could fall below the floor it sets.</summary>
    NextResetHeadroom = 28,

    /// <summary>The state the limits depend on could not be made durable, so the order does not leave.</summary>
    StateNotSaved = 29,

    /// <summary>A close without a position to close.</summary>
    NothingToClose = 30,

    /// <summary>A close larger than its position or on its own side.</summary>
    NotReducing = 31,
}

/// <summary>Facts about <see cref="RefusalReason"/>.</summary>
public static class RefusalReasons
{
    /// <summary>Members, None included: the length of a count by reason.</summary>
    public const int Count = (int)RefusalReason.NotReducing + 1;
}
