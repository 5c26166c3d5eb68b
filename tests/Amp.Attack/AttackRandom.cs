namespace Amp.Attack;

/// <summary>What is chosen for one attack: the same for the same seed and number.</summary>
internal sealed class AttackRandom(int seed, int number)
{
    private readonly Random _random = new(unchecked((seed * 1_000_003) + number));

    public int Next(int limit) => _random.Next(limit);

    public int Next(int from, int limit) => _random.Next(from, limit);

    public bool IsOneIn(int count) => _random.Next(count) == 0;

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public void Fill(byte[] bytes) => _random.NextBytes(bytes);
}
