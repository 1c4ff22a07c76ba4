using System.Globalization;
using Crpbot.Codecs.Instruments;
using Crpbot.Engine;
using Crpbot.Execution;
using Crpbot.Messages;

namespace Crpbot.Cli.Demo;

/// <summary>Every fill and closed position of a run, and the sums that must agree.</summary>
internal static class Ledger
{
    public static void Print(TradingEngine engine, TextWriter writer)
    {
        writer.WriteLine();
        writer.WriteLine("Ledger");
        if (engine.Ledger.IsEmpty)
            writer.WriteLine("  no order was filled");
        foreach (ref readonly ExecutionRecord record in engine.Ledger)
        {
            Instrument instrument = engine.Options.Instruments[record.Instrument];
            string time = record.Time.ToDateTime().ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            writer.WriteLine(record.Kind == ExecutionRecordKind.Fill
                ? $"  {time}  {instrument.Symbol,-8} {record.Side,-4} {instrument.Format(record.Quantity),14} at {instrument.Format(record.Price),-10}  fee {Money(record.Amount2),10}  equity {Money(record.Amount3),12}"
                : $"  {time}  {instrument.Symbol,-8} closed: {Money(record.Amount1)} before fees of {Money(record.Amount2)}, net {Money(record.Amount1 - record.Amount2)}");
        }

        AccountSnapshot account = engine.Account;
        Notional expected = account.Risk.Initial + account.Realized + account.Unrealized - account.Commissions;
        writer.WriteLine($"  opening {Money(account.Risk.Initial)} + realised {Money(account.Realized)} + open {Money(account.Unrealized)} − fees {Money(account.Commissions)} = equity {Money(account.Risk.Equity)}"
            + (expected == account.Risk.Equity ? ", exact" : $", BUT THE SUM IS {expected}"));
        writer.WriteLine($"  orders {account.Orders:N0}, fills {account.Fills:N0}, positions closed {account.PositionsClosed:N0} of which won {account.PositionsWon:N0}; floors: daily {Money(account.Risk.DailyFloor)}, total {Money(account.Risk.TotalFloor)}");
    }

    public static string Money(Notional amount) => amount.ToDecimal().ToString("N2", CultureInfo.InvariantCulture);
}
