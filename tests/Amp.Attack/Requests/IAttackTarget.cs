namespace Amp.Attack.Requests;

/// <summary>Something that listens at a port for one client that knows a secret.</summary>
internal interface IAttackTarget
{
    /// <summary>Where it listens.</summary>
    int Port { get; }

    /// <summary>Those who have connected and do not end.</summary>
    SilentStrangers Strangers { get; }

    /// <summary>How often its own client was answered.</summary>
    int Answered { get; }

    /// <summary>What it heard of a stranger; null for nothing.</summary>
    string? Heard { get; }

    /// <summary>Makes what a stranger says.</summary>
    StrangerRequest Attack(AttackRandom random);

    /// <summary>Whether an answer grants something.</summary>
    bool Grants(string answer);

    /// <summary>Asks as its own client.</summary>
    /// <exception cref="InvalidDataException">The client was not answered as it should be.</exception>
    Task AskAsync(int number);
}
