namespace Crpbot.Execution;

/// <summary>How far an order has come.</summary>
public enum OrderState : byte
{
    None = 0,

    /// <summary>On its way: the venue does not know it yet.</summary>
    Sent = 1,

    /// <summary>At the venue, not yet filled whole.</summary>
    Working = 2,
    Filled = 3,

    /// <summary>Ended before it was filled whole; what was filled stays filled.</summary>
    Cancelled = 4,
}
