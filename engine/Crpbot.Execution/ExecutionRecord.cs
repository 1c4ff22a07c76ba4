using System.Runtime.InteropServices;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution;

/// <summary>What an <see cref="ExecutionRecord"/> tells.</summary>
public enum ExecutionRecordKind : byte
{
    None = 0,

    /// <summary>The risk check ruled on a request. Amount1 own risk, Amount2 own costs, Amount3 equity, Amount4 the smallest of the three
    /// headrooms; Detail is <see cref="SizedBy"/>; OrderId 0 when refused.</summary>
    Verdict = 1,

    /// <summary>An approved order left.</summary>
    Order = 2,

    /// <summary>One execution at one price. Amount1 value, Amount2 commission, Amount3 equity and Amount4 balance after it.</summary>
    Fill = 3,

    /// <summary>A position is flat again. Amount1 realised before commissions, Amount2 commissions of both sides, Amount3 equity, Amount4 balance.
    /// Time2 is when it was opened.</summary>
    PositionClosed = 4,

    /// <summary>Something an operator should hear: Notice says what; Amount1 the level compared with, Amount3 equity, Amount4 balance.</summary>
    RiskNotice = 5,

    /// <summary>An order is over: State says filled or cancelled, Quantity how much of it was filled.</summary>
    OrderEnded = 6,

    /// <summary>The market triggered an attached stop or target at the venue. Price is the level.</summary>
    Triggered = 7,
}

/// <summary>One thing the execution stage decided or learned, in the order it happened; enters the decision hash as it is.</summary>
/// <remarks>
/// 128 bytes, blittable, unused bytes zero.
/// <code>
///  0     8        16     24        32    40      48       64       80       96       112         116   117   118     119     120   121     122    123     124
///  Time  OrderId  Price  Quantity  Stop  Target  Amount1  Amount2  Amount3  Amount4  Instrument  Kind  Side  Reason  Purpose Tier  Notice  State  Detail  (zero)
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]
public struct ExecutionRecord
{
    public const int SizeInBytes = 128;

    /// <summary>ReceiveTime of the event that led to it.</summary>
    [FieldOffset(0)] public UnixNanos Time;

    [FieldOffset(8)] public long OrderId;

    [FieldOffset(16)] public Price Price;

    [FieldOffset(24)] public Quantity Quantity;

    [FieldOffset(32)] public Price Stop;

    [FieldOffset(40)] public Price Target;

    /// <summary>Of a PositionClosed, when it was opened; shares its place with <see cref="Stop"/>.</summary>
    [FieldOffset(32)] public UnixNanos Time2;

    [FieldOffset(48)] public Notional Amount1;

    [FieldOffset(64)] public Notional Amount2;

    [FieldOffset(80)] public Notional Amount3;

    [FieldOffset(96)] public Notional Amount4;

    [FieldOffset(112)] public InstrumentId Instrument;

    [FieldOffset(116)] public ExecutionRecordKind Kind;

    [FieldOffset(117)] public Side Side;

    [FieldOffset(118)] public RefusalReason Reason;

    [FieldOffset(119)] public OrderPurpose Purpose;

    [FieldOffset(120)] public SignalTier Tier;

    [FieldOffset(121)] public RiskNoticeKind Notice;

    [FieldOffset(122)] public OrderState State;

    [FieldOffset(123)] public byte Detail;

    [FieldOffset(124)] private readonly int _reserved;
}
