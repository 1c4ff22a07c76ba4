namespace Crpbot.Execution.Paper;

internal enum VenueReportKind : byte
{
    Fill = 1,

    /// <summary>The order is filled whole or cancelled.</summary>
    Ended = 2,

    /// <summary>The market reached an attached stop or target; Order is the order that it became.</summary>
    Triggered = 3,
}

/// <summary>What the paper venue tells about an order.</summary>
internal struct VenueReport
{
    public Order Order;

    /// <summary>Set when Kind is Fill.</summary>
    public Fill Fill;
    public VenueReportKind Kind;
}
