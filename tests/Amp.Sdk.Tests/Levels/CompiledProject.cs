using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;

namespace Amp.Sdk.Tests.Levels;

/// <summary>One type of a project refers to another.</summary>
internal sealed record TypeReference(string From, string To);

/// <summary>
/// The types of a project, the files they are written in, and which refers to which: read from the assembly and its symbols, so that whatever
/// the compiler has understood counts, be it a base, an attribute, a signature or a line of code.
/// </summary>
/// <remarks>
/// What the compiler turns into a plain value is not there to be read: the value of a constant or of an enum, <c>nameof</c>, and what only a comment names.
/// </remarks>
internal sealed class CompiledProject
{
    // Where symbols name the file of a type of whose members none has code: an interface, an enum.
    private static readonly Guid s_typeDocuments = new("932e74bc-dba9-4478-8d46-0f32a7bab3d3");

    private readonly MetadataReader _code;
    private readonly MetadataReader _symbols;
    private readonly string _folder;
    private readonly Dictionary<TypeDefinitionHandle, SortedSet<string>> _files = [];
    private readonly Dictionary<string, TypeDefinitionHandle> _byName = new(StringComparer.Ordinal);
    private readonly HashSet<(TypeDefinitionHandle From, TypeDefinitionHandle To)> _references = [];

    private CompiledProject(PEReader assembly, MetadataReader symbols, string folder)
    {
        (_code, _symbols, _folder) = (assembly.GetMetadataReader(), symbols, folder);
        foreach (TypeDefinitionHandle handle in _code.TypeDefinitions)
        {
            _byName[FullName(handle)] = handle;
        }

        ReadFiles();
        ReadTypes(assembly);
        ReadAttributes();
        Dictionary<TypeDefinitionHandle, string> names = _files.ToDictionary(pair => pair.Key, pair => FullName(pair.Key));
        Files = _files.ToDictionary(pair => names[pair.Key], pair => (IReadOnlyCollection<string>)pair.Value, StringComparer.Ordinal);
        // What the compiler and its generators write has no file: it belongs to nobody.
        References = [.. _references.Where(reference => names.ContainsKey(reference.From) && names.ContainsKey(reference.To))
            .Select(reference => new TypeReference(names[reference.From], names[reference.To]))
            .OrderBy(reference => reference.From, StringComparer.Ordinal).ThenBy(reference => reference.To, StringComparer.Ordinal)];
    }

    /// <summary>The files of each type, from the project's folder on, with slashes. A nested type belongs to the outermost one around it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyCollection<string>> Files { get; }

    public IReadOnlyList<TypeReference> References { get; }

    /// <summary>Reads an assembly whose symbols lie beside it.</summary>
    /// <param name="path">The assembly.</param>
    /// <param name="folder">The project's folder, from the root of the repository on, with slashes: <c>src/Amp.Sdk</c>.</param>
    public static CompiledProject Read(string path, string folder)
    {
        using PEReader assembly = new(File.OpenRead(path));
        using MetadataReaderProvider symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(path, ".pdb")));
        return new CompiledProject(assembly, symbols.GetMetadataReader(), folder);
    }

    private void ReadFiles()
    {
        foreach (MethodDefinitionHandle handle in _code.MethodDefinitions)
        {
            MethodDebugInformation information = _symbols.GetMethodDebugInformation(handle.ToDebugInformationHandle());
            TypeDefinitionHandle type = _code.GetMethodDefinition(handle).GetDeclaringType();
            AddFile(type, information.Document);
            foreach (SequencePoint point in information.GetSequencePoints())
            {
                AddFile(type, point.Document);
            }
        }

        foreach (CustomDebugInformationHandle handle in _symbols.CustomDebugInformation)
        {
            CustomDebugInformation information = _symbols.GetCustomDebugInformation(handle);
            if (_symbols.GetGuid(information.Kind) == s_typeDocuments)
            {
                BlobReader documents = _symbols.GetBlobReader(information.Value);
                while (documents.RemainingBytes > 0)
                {
                    AddFile((TypeDefinitionHandle)information.Parent, MetadataTokens.DocumentHandle(documents.ReadCompressedInteger()));
                }
            }
        }
    }

    private void AddFile(TypeDefinitionHandle type, DocumentHandle document)
    {
        if (document.IsNil)
        {
            return;
        }

        string path = _symbols.GetString(_symbols.GetDocument(document).Name).Replace('\\', '/');
        int start = path.IndexOf($"/{_folder}/", StringComparison.Ordinal);
        string file = start < 0 ? "obj/" : path[(start + _folder.Length + 2)..];
        if (!file.StartsWith("obj/", StringComparison.Ordinal))
        {
            TypeDefinitionHandle outermost = Outermost(type);
            if (!_files.TryGetValue(outermost, out SortedSet<string>? files))
            {
                _files[outermost] = files = new(StringComparer.Ordinal);
            }

            files.Add(file);
        }
    }

    private void ReadTypes(PEReader assembly)
    {
        foreach (TypeDefinitionHandle handle in _code.TypeDefinitions)
        {
            TypeDefinition type = _code.GetTypeDefinition(handle);
            ReferenceCollector collector = new(_code, found => Add(handle, found));
            collector.AddToken(type.BaseType);
            foreach (InterfaceImplementationHandle implemented in type.GetInterfaceImplementations())
            {
                collector.AddToken(_code.GetInterfaceImplementation(implemented).Interface);
            }

            collector.AddConstraints(type.GetGenericParameters());
            foreach (FieldDefinitionHandle field in type.GetFields())
            {
                _code.GetFieldDefinition(field).DecodeSignature(collector, null);
            }

            foreach (PropertyDefinitionHandle property in type.GetProperties())
            {
                _code.GetPropertyDefinition(property).DecodeSignature(collector, null);
            }

            foreach (EventDefinitionHandle happening in type.GetEvents())
            {
                collector.AddToken(_code.GetEventDefinition(happening).Type);
            }

            foreach (MethodDefinitionHandle method in type.GetMethods())
            {
                MethodDefinition definition = _code.GetMethodDefinition(method);
                definition.DecodeSignature(collector, null);
                collector.AddConstraints(definition.GetGenericParameters());
                if (definition.RelativeVirtualAddress != 0)
                {
                    collector.AddBody(assembly.GetMethodBody(definition.RelativeVirtualAddress));
                }
            }
        }
    }

    private void ReadAttributes()
    {
        Dictionary<EntityHandle, TypeDefinitionHandle> owners = [];
        foreach (TypeDefinitionHandle handle in _code.TypeDefinitions)
        {
            TypeDefinition type = _code.GetTypeDefinition(handle);
            owners[handle] = handle;
            IEnumerable<EntityHandle> members = [
                .. type.GetFields(), .. type.GetProperties(), .. type.GetEvents(), .. type.GetInterfaceImplementations(), .. type.GetGenericParameters()];
            foreach (EntityHandle member in members)
            {
                owners[member] = handle;
            }

            foreach (MethodDefinitionHandle method in type.GetMethods())
            {
                owners[method] = handle;
                MethodDefinition definition = _code.GetMethodDefinition(method);
                foreach (EntityHandle part in (IEnumerable<EntityHandle>)[.. definition.GetParameters(), .. definition.GetGenericParameters()])
                {
                    owners[part] = handle;
                }
            }
        }

        foreach (CustomAttributeHandle handle in _code.CustomAttributes)
        {
            CustomAttribute attribute = _code.GetCustomAttribute(handle);
            if (owners.TryGetValue(attribute.Parent, out TypeDefinitionHandle owner))
            {
                new ReferenceCollector(_code, found => Add(owner, found)).AddToken(attribute.Constructor);
                // A type that an attribute is given stands there as text: its full name.
                string value = Encoding.Latin1.GetString(_code.GetBlobBytes(attribute.Value));
                foreach ((string name, TypeDefinitionHandle type) in _byName)
                {
                    int end = value.IndexOf(name, StringComparison.Ordinal) + name.Length;
                    if (end >= name.Length && (end == value.Length || !(char.IsAsciiLetterOrDigit(value[end]) || value[end] is '_' or '.' or '`')))
                    {
                        Add(owner, type);
                    }
                }
            }
        }
    }

    private void Add(TypeDefinitionHandle from, TypeDefinitionHandle to)
    {
        if (Outermost(from) != Outermost(to))
        {
            _references.Add((Outermost(from), Outermost(to)));
        }
    }

    private TypeDefinitionHandle Outermost(TypeDefinitionHandle handle)
    {
        TypeDefinitionHandle outer = _code.GetTypeDefinition(handle).GetDeclaringType();
        return outer.IsNil ? handle : Outermost(outer);
    }

    private string FullName(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _code.GetTypeDefinition(handle);
        string name = _code.GetString(type.Name);
        TypeDefinitionHandle outer = type.GetDeclaringType();
        return !outer.IsNil ? $"{FullName(outer)}+{name}" : type.Namespace.IsNil ? name : $"{_code.GetString(type.Namespace)}.{name}";
    }
}
