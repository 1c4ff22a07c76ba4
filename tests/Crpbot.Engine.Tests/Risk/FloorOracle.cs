namespace Crpbot.Engine.Tests.Risk;

/// <summary>The loss limits of a recorded account once more: decimals, the time zone database for every row, and the whole past searched at every question.</summary>
internal sealed class FloorOracle
{
    private static readonly TimeZoneInfo Prague = TimeZoneInfo.FindSystemTimeZoneById("Europe/Prague");
    private readonly decimal _initial;
    private readonly decimal _dailyLoss;
    private readonly bool _trails;
    private readonly (DateTime Utc, decimal Balance, decimal Equity)[] _rows;
    private readonly DateTime[] _dates;

    public FloorOracle(bool is1Step, decimal initial, (DateTime Utc, decimal Balance, decimal Equity)[] rows)
    {
        (_initial, _rows) = (initial, rows);
        _dailyLoss = (is1Step ? 3m : 5m) / 100m * initial;
        _trails = is1Step;
        _dates = new DateTime[rows.Length];
        for (int i = 0; i < rows.Length; i++)
            _dates[i] = TimeZoneInfo.ConvertTimeFromUtc(rows[i].Utc, Prague).Date;
    }

    public DateTime FirstDate => _dates[0];

    public DateTime LastDate => _dates[^1];

    public DateTime DateOf(int row) => _dates[row];

    /// <summary>Balance at the midnight that begins a date, less the permitted loss.</summary>
    public decimal DailyFloor(DateTime date)
    {
        decimal balance = _initial;
        for (int i = 0; i < _rows.Length; i++)
        {
            if (_dates[i] < date)
                balance = _rows[i].Balance;
        }

        return balance - _dailyLoss;
    }

    public decimal TotalFloor(DateTime date)
    {
        decimal highest = _initial;
        for (int i = 0; i < _rows.Length; i++)
        {
            bool isLastOfItsDay = i == _rows.Length - 1 || _dates[i + 1] > _dates[i];
            if (_trails && _dates[i] < date && isLastOfItsDay && _rows[i].Balance > highest)
                highest = _rows[i].Balance;
        }

        return highest - _initial / 10m;
    }

    /// <summary>The first row with equity below a floor of its day; -1 when there is none.</summary>
    public int FirstBreach()
    {
        for (int i = 0; i < _rows.Length; i++)
        {
            if (_rows[i].Equity < DailyFloor(_dates[i]) || _rows[i].Equity < TotalFloor(_dates[i]))
                return i;
        }

        return -1;
    }
}
