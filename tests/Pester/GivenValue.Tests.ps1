#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $withKey = Get-Command -Module Amp | Where-Object { $_.Parameters.ContainsKey('ApiKey') } | ForEach-Object Name
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $place = Open-AmpTestPlace
    $call = Get-AmpFakeCall $place 'echo'

    function Get-Failure([scriptblock] $Statement) {
        try {
            & $Statement
        } catch {
            return $_
        }

        throw 'It did not fail.'
    }
}

AfterAll {
    Close-AmpTestPlace $place
}

Describe 'A key that is given as plain text' {
    BeforeAll {
        $needed = @{
            'Connect-AmpMcpServer' = 's id'; 'Find-AmpThread' = 'words'; 'Add-AmpPermission' = "@{ tool = 'Bash'; action = 'ask' }"
            'Add-AmpMcpServer' = "@{ name = 'x'; command = 'y' }"; 'Approve-AmpMcpServer' = 's'; 'Disconnect-AmpMcpServer' = 's'
            'Remove-AmpMcpServer' = 's'; 'Invoke-AmpTool' = 'Bash'; 'Test-AmpPermission' = 'Bash'; 'Uninstall-AmpSkill' = 's'
            'Install-AmpSkill' = 'owner/repository'; 'Set-AmpThread' = 'T-5928a90d-d53b-488f-a829-4e36442142ee -Archived'
            'Rename-AmpThread' = 'T-5928a90d-d53b-488f-a829-4e36442142ee title'; 'Invoke-AmpAgent' = 'go'
        }
        'Export-AmpThread', 'Export-AmpThreadMarkdown', 'Get-AmpThreadUsage', 'Remove-AmpThread' | ForEach-Object {
            $needed[$_] = 'T-5928a90d-d53b-488f-a829-4e36442142ee'
        }
    }

    It 'is refused by <_>, which tells how to give it and shows it nowhere' -ForEach $withKey {
        $Error.Clear()
        # On the line itself, where an error would keep it.
        $line = "$_ $($needed[$_]) -ApiKey 'sgamp_canary_0815' -CliPath '$($call.CliPath)' -Environment `$call.Environment"
        $failure = Get-Failure ([scriptblock]::Create($line))

        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidOption,Amp.PowerShell.*'
        $failure.Exception | Should -BeOfType [Amp.AmpValidationException]
        $failure.Exception.Message | Should -BeLike '*SecureString*'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*Read-Host -AsSecureString*Get-Secret*AMP_API_KEY*'
        $failure.InvocationInfo.Line | Should -BeLike "$_ -ApiKey `*`*`*"
        foreach ($record in $Error) {
            "$($record | Out-String) $($record.InvocationInfo.PositionMessage) $($record.InvocationInfo.Statement) $($record.TargetObject)" |
                Should -Not -Match 'canary'
        }

        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'is in nothing of the error, however deep one looks' {
        $Error.Clear()
        $null = Get-Failure ([scriptblock]::Create("Invoke-AmpAgent go -ApiKey 'sgamp_canary_0815'"))
        $Error.Count | Should -BeGreaterThan 0
        foreach ($record in $Error) {
            $shown = ($record | Format-List * -Force | Out-String) + ($record.InvocationInfo | Format-List * -Force | Out-String) +
                ($record.Exception | Format-List * -Force | Out-String) + [System.Management.Automation.PSSerializer]::Serialize($record, 5)
            $shown | Should -Not -Match 'canary'
        }
    }

    It 'is refused as anything else too: <_>' -ForEach '42', '@{ key = "canary" }', '"a", "canary"', "''" {
        $Error.Clear()
        $failure = Get-Failure ([scriptblock]::Create("Get-AmpUsage -ApiKey ($_)"))
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.GetAmpUsageCommand'
        $Error | Format-List * -Force | Out-String | Should -Not -Match 'canary'
    }

    It 'is taken as the password of a credential' {
        $credential = [pscredential]::new('me', [System.Net.NetworkCredential]::new('', 'key-of-a-credential').SecurePassword)
        $null = Invoke-AmpAgent 'go' @call -ApiKey $credential
        @(Get-AmpFakeRecord $place -Kind Run)[-1].environment.AMP_API_KEY | Should -BeExactly 'key-of-a-credential'
    }
}

Describe 'A value of another kind than is wanted' {
    It 'is refused with what to do, before anything is started: <Line>' -ForEach @(
        @{ Line = "Invoke-AmpAgent x -Permission 'Bash'"; Message = '*New-AmpPermission Bash Allow*' }
        @{ Line = "Add-AmpPermission Bash"; Message = '*New-AmpPermission Bash Allow*' }
        @{ Line = "Invoke-AmpAgent x -McpServer 'https://h.example/?key=canary'"; Message = '*New-AmpMcpServer*-McpConfig*' }
        @{ Line = "Invoke-AmpAgent x -Environment 'AMP_API_KEY=canary'"; Message = "*@{ NAME = 'value' }*" }
        @{ Line = "New-AmpMcpServer s -Url https://h.example/ -Header 'Authorization: canary'"; Message = '*@{ Authorization =*' }
        @{ Line = "Invoke-AmpTool Bash 'canary'"; Message = "*@{ cmd = 'uptime' }*" }
        @{ Line = "Test-AmpPermission Bash 'canary'"; Message = "*@{ cmd = 'uptime' }*" }
        @{ Line = "New-AmpPermission Bash Allow -Match 'git *'"; Message = "*@{ cmd = 'git *' }*" }
        @{ Line = "New-AmpMcpServer web 'https://h.example/?key=canary'"; Message = '*is a URL*' }
        @{ Line = "Send-AmpMessage nobody 'hello'"; Message = "*no session 'nobody'*New-AmpSession*" }
        @{ Line = "Invoke-AmpAgent x -Tool Get-Nonsense"; Message = "*no command 'Get-Nonsense'*" }
        @{ Line = "Invoke-AmpAgent x -ThreadId nonsense"; Message = "*'nonsense' is not a valid thread*" }
    ) {
        $runs = @(Get-AmpFakeRecord $place).Count
        $failure = Get-Failure ([scriptblock]::Create("$Line -ErrorAction Stop"))
        $failure.Exception.Message | Should -BeLike $Message
        $failure.Exception.Message | Should -Not -Match 'canary'
        @(Get-AmpFakeRecord $place).Count | Should -Be $runs
    }
}

Describe '-Permission and -McpServer' {
    It 'take lists of lists, as several calls of a cmdlet make them' {
        $rules = (New-AmpPermission -ReadOnly), @(@{ tool = 'Bash'; action = 'ask' }, @(, (New-AmpPermission chart Allow)))
        $messages = Invoke-AmpAgent 'go' @call -Permission $rules
        $messages[-1].Type | Should -Be 'result'
        $decisions = Add-AmpPermission $rules -PassThru -CliPath $call.CliPath -Environment $call.Environment -WhatIf
        $decisions | Should -BeNullOrEmpty

        $servers = @(@{ name = 'a'; command = 'x' }), @(@{ name = 'b'; command = 'y' }, (New-AmpMcpServer c z))
        { Invoke-AmpAgent 'go' @call -McpServer $servers -WhatIf } | Should -Not -Throw
        $failure = Get-Failure { Invoke-AmpAgent 'go' @call -Permission @(@(@{ tool = 'a'; action = 'allow' }), @(, 'Bash')) }
        $failure.Exception.Message | Should -BeLike '*Rule 2 *string*'
    }

    It 'refuse a list that contains itself' {
        $list = [System.Collections.ArrayList]::new()
        $null = $list.Add($list)
        (Get-Failure { Invoke-AmpAgent 'go' @call -Permission $list }).Exception.Message | Should -BeLike '*contains itself*'
    }
}

Describe 'A thread' {
    BeforeAll {
        $messages = Invoke-AmpAgent 'go' @call
        $id = $messages[0].ThreadId
        $wanting = Get-Command -Module Amp | ForEach-Object { $_.Parameters.Values } |
            Where-Object { $_.Name -in 'ThreadId', 'HandoffFrom', 'ForkFrom' }
    }

    It 'is taken as <Name>' -ForEach @(
        @{ Name = 'its ID'; Make = { $id } }
        @{ Name = 'its URL'; Make = { "https://ampcode.com/threads/$id" } }
        @{ Name = 'a System.Uri'; Make = { [uri] "https://ampcode.com/threads/$id" } }
        @{ Name = 'a message'; Make = { $messages[0] } }
        @{ Name = 'a message that came back from Clixml'; Make = {
                [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($messages[0])) } }
        @{ Name = 'an object of the user''s with a ThreadId'; Make = { [pscustomobject] @{ Name = 'x'; ThreadId = $id } } }
        @{ Name = 'an object of the user''s with a SessionId'; Make = { $messages[0] | Select-Object SessionId } }
    ) {
        $wanting.Count | Should -BeGreaterThan 10
        $given = & $Make
        foreach ($transformation in $wanting | ForEach-Object { $_.Attributes } |
                Where-Object { $_.GetType().Name -eq 'ThreadIdTransformationAttribute' }) {
            "$($transformation.Transform($ExecutionContext, $given))" | Should -BeIn $id, "https://ampcode.com/threads/$id"
        }
    }

    It 'is taken so by every parameter that wants one' {
        foreach ($parameter in $wanting) {
            $parameter.Attributes | Where-Object { $_.GetType().Name -eq 'ThreadIdTransformationAttribute' } | Should -Not -BeNullOrEmpty
        }
    }

    It 'is shown by its ID by what would change it' {
        $given = [pscustomobject] @{ Title = 'x'; ThreadId = "https://ampcode.com/threads/$id" }
        $said = Join-Path $place.Root 'said.txt'
        $null = Start-Transcript -LiteralPath $said
        try {
            Invoke-AmpAgent 'next' -ThreadId $given -WhatIf @call
            Set-AmpThread $given -Archived -WhatIf @call
            New-AmpThread -HandoffFrom $given -Goal x -WhatIf @call
            New-AmpThread -ForkFrom $given -WhatIf @call
            $given | Rename-AmpThread -Title other -WhatIf @call
            Remove-AmpThread -Id $given -WhatIf @call
            Export-AmpThread $given -Path (Join-Path $place.Root 'x.json') -WhatIf @call
        } finally {
            $null = Stop-Transcript
        }

        @([regex]::Matches((Get-Content -Raw -LiteralPath $said), $id)).Count | Should -BeGreaterOrEqual 7
    }
}

Describe 'A session' {
    It 'is taken by name and number' {
        $session = New-AmpSession 'the one' @call
        try {
            (Send-AmpMessage 'The One' 'hello')[-1].ThreadId | Should -Be $session.ThreadId
            (Send-AmpMessage $session.Id 'hello').Count | Should -BeGreaterThan 0
            Stop-AmpTurn 'the one'
        } finally {
            Remove-AmpSession 'the one'
        }

        Get-AmpSession | Should -BeNullOrEmpty
        $failure = Get-Failure { Remove-AmpSession 'the one' -ErrorAction Stop }
        $failure.Exception.Message | Should -BeLike "*no session 'the one'*"
    }
}
