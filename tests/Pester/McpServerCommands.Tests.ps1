#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $builds = foreach ($need in 'JanuaryCli', 'LateJanuaryCli', 'MarchCli', 'NativeCli') {
        # The server under test is run by Node.
        @{ Need = $need; Gap = (Get-AmpTestGap $need) + (Get-AmpTestGap MarchCli) }
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $canary = 'canary-4711-0815'

    function Get-Failure([scriptblock] $Statement) {
        try {
            $null = & $Statement
        } catch {
            return $_
        }

        throw 'It did not fail.'
    }
}

Describe 'The MCP servers of <Need><Gap>' -ForEach $builds {
    BeforeAll {
        $place = Open-AmpTestPlace
        $environment = $place.Environment.Clone()
        $environment.AMP_URL = 'http://127.0.0.1:9'
        $call = @{ CliPath = (Get-AmpTestLayout).$Need; WorkingDirectory = $place.Project; Environment = $environment }
        $withKey = $call.Clone()
        $withKey.Environment = $environment.Clone()
        $withKey.Environment.AMP_API_KEY = 'sgamp_of_nobody'
        $file = Join-Path $place.UserHome '.config/amp/settings.json'
        $null = New-Item -ItemType Directory -Path (Split-Path $file)
        Set-Content -LiteralPath $file -Value "{`n  // mine`n  `"amp.mcpServers`": {`n    // old`n    `"old`": { `"command`": `"node`" } // too old`n  }`n}"
        $program = Join-Path $place.Root 'server.js'
        Set-Content -LiteralPath $program -Value @'
require('readline').createInterface({ input: process.stdin }).on('line', line => {
  const call = JSON.parse(line);
  if (call.id === undefined) return;
  const results = {
    initialize: () => ({ protocolVersion: call.params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } }),
    'tools/list': () => ({ tools: ['one', 'two'].map(name => ({ name, description: process.env.SECRET, inputSchema: { type: 'object' } })) }),
  };
  console.log(JSON.stringify({ jsonrpc: '2.0', id: call.id, result: (results[call.method] ?? (() => ({})))() }));
});
'@
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are added with their secrets, listed without them, and removed; comments stay' -Skip:([bool] $Gap) {
        $null = @(
            New-AmpMcpServer works node $program -Environment @{ SECRET = $canary }
            New-AmpMcpServer web -Url 'http://127.0.0.1:9/mcp' -Header @{ Authorization = "Bearer $canary" }
        ) | Add-AmpMcpServer @call -Confirm:$false

        # As the CLI itself reads it back.
        $runner, $first = $call.CliPath -like '*.js' ? @('node', $call.CliPath) : @($call.CliPath, $null)
        $start = [System.Diagnostics.ProcessStartInfo]::new($runner)
        @($first, 'mcp', 'list', '--json').Where{ $_ } | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
        $start.WorkingDirectory = $place.Project
        foreach ($name in $environment.Keys) { $start.Environment[$name] = $environment[$name] }
        $process = [System.Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        $errors = $process.StandardError.ReadToEndAsync()
        $raw = $process.StandardOutput.ReadToEnd() | ConvertFrom-Json
        $process.WaitForExit()
        $null = $errors.Result
        ($raw | Where-Object name -EQ works).spec.env.SECRET | Should -Be $canary
        ($raw | Where-Object name -EQ web).spec.headers.Authorization | Should -Be "Bearer $canary"

        $servers = Get-AmpMcpServer @call
        $servers.Name | Should -Be 'old', 'works', 'web'
        $servers.Type | Should -Be 'stdio', 'stdio', 'http'
        $servers[1].EnvironmentName | Should -Be SECRET
        $servers[2].HeaderName | Should -Be Authorization
        "$($servers | ConvertTo-Json -Depth 5) $($servers | Format-List * | Out-String)" | Should -Not -Match 'canary'
        if (-not $IsWindows) {
            [int] [System.IO.File]::GetUnixFileMode($file) | Should -Be 384 -Because 'it holds a secret'
        }

        (Get-Failure { New-AmpMcpServer web -Url 'http://127.0.0.1:9' | Add-AmpMcpServer @call }).FullyQualifiedErrorId |
            Should -Be 'InvalidOption,Amp.PowerShell.Commands.AddAmpMcpServerCommand'
        New-AmpMcpServer web -Url 'http://127.0.0.1:9/new' | Add-AmpMcpServer @call -Force
        ('web', 'nob*', 'nobody' | Get-AmpMcpServer @call -ErrorVariable problem -ErrorAction SilentlyContinue).Name | Should -Be 'web'
        $problem.TargetObject | Should -Be 'nobody'
        @() | Get-AmpMcpServer @call | Should -BeNullOrEmpty
        (Get-AmpMcpServer w* @call).Url | Should -Be $null, 'http://127.0.0.1:9/new'

        Get-AmpMcpServer old @call | Remove-AmpMcpServer @call -Confirm:$false
        (Get-AmpMcpServer @call).Name | Should -Be 'works', 'web'
        Get-Content -LiteralPath $file -Raw | Should -BeLike '*// mine*// old*'
        Remove-AmpMcpServer nobody @call -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.RemoveAmpMcpServerCommand'
        $problem[0].TargetObject | Should -Be 'nobody'
    }

    It 'log in and out' -Skip:([bool] $Gap) {
        $written = Connect-AmpMcpServer web client-1 -AuthorizationUrl 'http://127.0.0.1:9/a' -TokenUrl 'http://127.0.0.1:9/t' -Scope read, write `
            -PassThru @call -ErrorAction Stop
        $written | Should -BeOfType [Amp.McpServerEntry]
        $written.Name | Should -Be 'web'
        $client = Join-Path $place.UserHome '.amp/oauth/web-client.json'
        (Get-Content -LiteralPath $client -Raw | ConvertFrom-Json).clientId | Should -Be 'client-1'
        Disconnect-AmpMcpServer web @call -ErrorAction Stop
        $client | Should -Not -Exist

        # The CLI would say that it has removed what it does not know.
        Disconnect-AmpMcpServer nobody @call -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        Connect-AmpMcpServer works client-1 @call -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'

        # Nobody listens there. It is the server that cannot be reached, and not the Amp service.
        Connect-AmpMcpServer web client-1 @call -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -Be 'CliFailed,Amp.PowerShell.Commands.ConnectAmpMcpServerCommand'
        $problem[0].Exception.Message | Should -BeLike "The MCP server 'web' could not be reached*"
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*-AuthorizationUrl*'
    }

    It 'are checked, and those of the workspace approved' -Skip:([bool] $Gap) {
        New-AmpMcpServer ours node $program -Environment @{ MODE = 'fast'; API_KEY = '${API_KEY}' } |
            Add-AmpMcpServer @call -Workspace -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $open = @{ name = 'web2'; url = 'https://h.example/mcp?token=canary-1'; headers = @{ Authorization = 'Bearer canary-2' } },
            (New-AmpMcpServer other node $program -Environment @{ API_KEY = 'canary-3'; MODE = 'fast' })
        Add-AmpMcpServer $open @call -Workspace -WhatIf -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings.Count | Should -Be 2
        $warnings[0].Message | Should -BeLike "*'web2'*settings.json*: url, Authorization.*"
        $warnings[1].Message | Should -BeLike "*'other'*: API_KEY.*"
        "$warnings" | Should -Not -Match 'canary'
        Remove-AmpMcpServer web @call -ErrorAction Stop
        New-AmpMcpServer broken node '-e', "console.error(process.env.SECRET); process.exit(3)" -Environment @{ SECRET = $canary } | Add-AmpMcpServer @call

        $states = Test-AmpMcpServer @withKey

        $works = $states | Where-Object Name -EQ works
        $works.IsConnected | Should -BeTrue
        $works.Tool | Should -Be 'one', 'two'
        ($states | Where-Object Name -EQ broken).Error | Should -Not -BeNullOrEmpty
        ($states | Where-Object Name -EQ ours).Status | Should -Be 'awaiting-approval'
        "$($states | Format-List * | Out-String)" | Should -Not -Match 'canary'
        ($states | Format-Table | Out-String) | Should -Match '(?m)^works\s+connected\s+2\s+one, two'

        if ($Need -eq 'JanuaryCli') {
            Approve-AmpMcpServer ours @withKey -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -Be 'UnsupportedByCli,Amp.PowerShell.Commands.ApproveAmpMcpServerCommand'
        } else {
            Approve-AmpMcpServer ours @withKey -Confirm:$false -ErrorAction Stop
            (Test-AmpMcpServer ours @withKey).Status | Should -Be 'connected'
            Approve-AmpMcpServer works @withKey -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        }

        Get-AmpMcpServer ours @call | Remove-AmpMcpServer @call
        (Get-AmpMcpServer @call).Name | Should -Be 'works', 'broken'
    }

    It 'are not checked without a key: no login is begun' -Skip:([bool] $Gap) {
        Test-AmpMcpServer works @call -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -Be 'NotAuthenticated,Amp.PowerShell.Commands.TestAmpMcpServerCommand'
    }
}

Describe 'Cmdlets for MCP servers' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'start nothing and write nothing with -WhatIf, and show no secret' {
        $call = Get-AmpFakeCall $place 'hang'
        $before = Get-ChildItem -LiteralPath $place.Root -Recurse -Force | ForEach-Object FullName
        $server = New-AmpMcpServer s node -Environment @{ TOKEN = $canary }

        $shown = & {
            $server | Add-AmpMcpServer @call -WhatIf -Verbose
            Remove-AmpMcpServer s @call -WhatIf
            Approve-AmpMcpServer s @call -WhatIf
            Connect-AmpMcpServer s id @call -WhatIf
            Disconnect-AmpMcpServer s @call -WhatIf
        } *>&1 | Out-String

        $shown | Should -Not -Match 'canary'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
        Get-ChildItem -LiteralPath $place.Root -Recurse -Force | ForEach-Object FullName | Should -Be $before
    }

    It 'write nothing when a server among many is <Name>, and show no secret' -ForEach @(
        @{ Name = 'misspelled'; Wrong = [pscustomobject]@{ name = 'b'; comand = 'node'; env = @{ TOKEN = 'canary-4711-0815' } }; Message = 'MCP server 2 *' }
        @{ Name = 'null'; Wrong = $null; Message = '*-McpServer*' }
    ) {
        $call = Get-AmpFakeCall $place 'out []'
        $servers = @{ name = 'a'; command = 'node'; env = @{ TOKEN = $canary } }, $Wrong, (New-AmpMcpServer c node)

        foreach ($statement in { $servers | Add-AmpMcpServer @call }, { Add-AmpMcpServer $servers @call }) {
            $failure = Get-Failure $statement
            $failure.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.AddAmpMcpServerCommand'
            $failure.Exception.Message | Should -BeLike $Message
            $shown = "$failure $($failure | Format-List * -Force | Out-String) $($failure.InvocationInfo.BoundParameters | ConvertTo-Json -Depth 5)"
            $shown | Should -Not -Match 'canary'
        }

        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
        Join-Path $place.UserHome '.config/amp/settings.json' | Should -Not -Exist
    }

    It 'write nothing for <Name>' -ForEach @(
        @{ Name = 'lists that are all empty'; Statement = { Add-AmpMcpServer (@(), @()) @call } }
        @{ Name = 'an empty list before a server'; Statement = { @(), (New-AmpMcpServer c node) | Add-AmpMcpServer @call } }
        @{ Name = 'an empty list after a server'; Statement = { (New-AmpMcpServer c node), @() | Add-AmpMcpServer @call } }
    ) {
        $call = Get-AmpFakeCall $place 'out []'

        (Get-Failure $Statement).FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.AddAmpMcpServerCommand'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
        Join-Path $place.UserHome '.config/amp/settings.json' | Should -Not -Exist
    }

    It 'show no secret of what they are given in what they write' {
        $call = Get-AmpFakeCall $place 'out []'
        $server = @{ name = 'a'; command = 'node'; env = @{ TOKEN = $canary } }
        $shown = foreach ($statement in { $server | Add-AmpMcpServer @call -WhatIf -Verbose 4>&1 }, { Add-AmpMcpServer $server @call -Workspace -WhatIf 3>&1 }) {
            & $statement | ForEach-Object { "$_ $($_.InvocationInfo.BoundParameters | ConvertTo-Json -Depth 5)" }
        }

        "$shown" | Should -BeLike '*TOKEN*'
        "$shown" | Should -Not -Match 'canary'
    }

    It 'give a secret to no argument' {
        $call = Get-AmpFakeCall $place 'out []'
        New-AmpMcpServer s -Url "https://h.example/mcp?api_key=$canary" -Header @{ A = $canary } | Add-AmpMcpServer @call -Verbose 4>&1 |
            Out-String | Should -Not -Match 'canary'

        (Get-AmpFakeRecord $place -Kind Command).arguments | Should -Be 'mcp', 'list', '--json'
        Get-Content -Raw (Join-Path $place.UserHome '.config/amp/settings.json') | Should -Match $canary
        $failure = Get-Failure { Connect-AmpMcpServer s id -Url "https://h.example/mcp?api_key=$canary" @call -ErrorAction Stop }
        "$failure $($failure | Format-List * -Force | Out-String)" | Should -Not -Match 'canary'
    }

    It 'show no secret of an answer that they cannot read' {
        $call = Get-AmpFakeCall $place "out [{`"name`":`"s`",`"env`":`"$canary`"}]"
        $failure = Get-Failure { Get-AmpMcpServer @call }

        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidStreamJson,*'
        "$failure $($failure | Format-List * -Force | Out-String)" | Should -Not -Match 'canary'
    }

    It 'end a CLI that hangs' {
        $call = Get-AmpFakeCall $place 'hang'
        $call.TimeoutSec = 1
        (Get-Failure { Get-AmpMcpServer @call }).FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        foreach ($statement in { Remove-AmpMcpServer s @call }, { Test-AmpMcpServer @call }, { Connect-AmpMcpServer s id @call }, { Disconnect-AmpMcpServer s @call }) {
            $problem = try { & $statement 2>&1 } catch { $_ }
            $problem.FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        }
    }
}
