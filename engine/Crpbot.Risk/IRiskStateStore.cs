namespace Crpbot.Risk;

/// <summary>What was found where the state should be.</summary>
public enum RestoreStatus : byte
{
    /// <summary>There is none: this account was never opened here.</summary>
    None = 0,
    Found = 1,

    /// <summary>There is something that cannot be trusted. The balance is unknown.</summary>
    Damaged = 2,
}

/// <summary>Keeps the account's state where a restart finds it. Saving returns only when the state is safe.</summary>
public interface IRiskStateStore
{
    /// <summary>Makes the state durable.</summary>
    /// <returns>False when it is not known to be durable: the order that waits for it must not leave.</returns>
    bool TrySave(in AccountState state);

    RestoreStatus Restore(out AccountState state);
}

/// <summary>Keeps nothing: replays and backtests begin anew each time.</summary>
public sealed class VolatileRiskStateStore : IRiskStateStore
{
    public bool TrySave(in AccountState state) => true;

    public RestoreStatus Restore(out AccountState state)
    {
        state = default;
        return RestoreStatus.None;
    }
}
