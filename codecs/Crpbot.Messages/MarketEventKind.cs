namespace Crpbot.Messages;

/// <summary>What one <see cref="MarketEvent"/> says. Values are stored in captures and never reused.</summary>
public enum MarketEventKind : byte
{
    None = 0,

    /// <summary>One execution: Price, Quantity, aggressor Side, trade id in Sequence.</summary>
    Trade = 1,

    /// <summary>One level's new absolute Quantity; zero removes it. Sequence is the venue's update id where it has one.</summary>
    BookDelta = 2,

    /// <summary>The book is void; the levels that follow in the same message are the new one.</summary>
    BookClear = 3,

    /// <summary>Best price and Quantity of one Side. A zero Quantity means the venue did not give it.</summary>
    Quote = 4,

    /// <summary>One field of a derivative ticker: <see cref="MarketEvent.Detail"/> is a <see cref="DerivativeField"/>; the value is
    /// Price.Ticks × 10^-Scale, exactly.</summary>
    DerivativeTicker = 5,

    /// <summary>A forced execution; Side as in Trade.</summary>
    Liquidation = 6,

    /// <summary>The channel is alive.</summary>
    Heartbeat = 7,

    /// <summary>A bar boundary passed: ReceiveTime is the boundary, ExchangeTime the end of the closing minute (exclusive).</summary>
    Timer = 8,

    /// <summary>A hole in the venue's sequence: Sequence was expected, Aux arrived. The channel is unusable until a snapshot.</summary>
    Gap = 9,

    /// <summary>The connection was lost.</summary>
    Disconnect = 10,

    /// <summary>An operator's command: <see cref="MarketEvent.Detail"/> is an <see cref="OperatorCommand"/>.</summary>
    Operator = 11,
}

/// <summary>Which channel of the venue an event came by, or a Gap concerns.</summary>
public enum Channel : byte
{
    All = 0,
    Trades = 1,
    Book = 2,
    Quotes = 3,
    Derivative = 4,
    Liquidations = 5,
}

/// <summary>Which field a DerivativeTicker event carries.</summary>
public enum DerivativeField
{
    None = 0,
    LastPrice = 1,
    OpenInterest = 2,
    FundingRate = 3,

    /// <summary>Unix nanoseconds.</summary>
    FundingTimestamp = 4,
    PredictedFundingRate = 5,
    IndexPrice = 6,
    MarkPrice = 7,
}

/// <summary>What an Operator event asks for.</summary>
public enum OperatorCommand
{
    None = 0,

    /// <summary>Cancel everything and refuse every order until Resume.</summary>
    Kill = 1,
    Resume = 2,

    /// <summary>Close every position at the market, then behave as Kill.</summary>
    Flatten = 3,
}

/// <summary>Facts about one event that hold whatever its kind.</summary>
[Flags]
public enum MarketEventFlags : ushort
{
    None = 0,

    /// <summary>The last event of its venue message: only now may a book be looked at.</summary>
    LastInMessage = 1,

    /// <summary>Part of a full book; a BookClear went before it.</summary>
    Snapshot = 2,

    /// <summary>Sequence indexes the text-id table because the venue's id is no 63-bit integer.</summary>
    TextId = 4,

    /// <summary>The message carried no ExchangeTime; the field repeats ReceiveTime.</summary>
    NoExchangeTime = 8,

    /// <summary>The message carried no trade id or update id.</summary>
    NoSequence = 16,

    /// <summary>ReceiveTime went backwards and was clamped to the previous one.</summary>
    Clamped = 32,

    /// <summary>Warm-up: state is built from it, nothing is decided on it.</summary>
    History = 64,

    /// <summary>The message came by a Quotes channel derived from depth (tardis `quotes`), not from the native best-bid-offer stream.</summary>
    Derived = 128,
}
